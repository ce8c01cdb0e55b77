/**
 * Tests of the split virtqueue.
 * What lives here: round trips, a model, hostile rings, two threads.
 * What may not come in: actors, disks.
 */
@NullMarked
package io.chainring.ring.virtqueue;

import org.jspecify.annotations.NullMarked;
