/**
 * Shared memory of rings: regions with 64-bit addresses, bounds-checked little-endian access with the orderings that two sides need.
 * Lives here: where bytes are and how they are reached safely.
 * May not come in: what the bytes mean (virtqueues, requests), Pekko, Netty.
 */
@NullMarked
package io.chainring.ring.memory;

import org.jspecify.annotations.NullMarked;
