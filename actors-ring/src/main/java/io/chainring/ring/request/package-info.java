/**
 * What a chain asks for, in the format of virtio-blk (virtio 1.2, section 5.2.6): operations, headers, statuses.
 * Lives here: writing requests on the driver side, parsing and validating them on the device side.
 * May not come in: who executes requests and how, Pekko, Netty.
 */
@NullMarked
package io.chainring.ring.request;

import org.jspecify.annotations.NullMarked;
