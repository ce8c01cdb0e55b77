/**
 * The split virtqueue of virtio 1.2, section 2.7: driver side and device side, all that the other side writes checked.
 * Lives here: layout, chains, descriptors, available and used ring, suppression of kicks and notifications.
 * May not come in: what a chain asks for (requests), disks, Pekko, Netty.
 */
@NullMarked
package io.chainring.ring.virtqueue;

import org.jspecify.annotations.NullMarked;
