/** Tests of the split virtqueue: round trips, a model, hostile rings, two threads. */
@NullMarked
package io.chainring.ring.virtqueue;

import org.jspecify.annotations.NullMarked;
