/**
 * The door between a Backend and whatever executes its chains: the chain as data and the messages.
 * No ring structures, no stores: an executor sees ranges and buffers, never descriptors.
 */
@NullMarked
package io.chainring.ring.execute;

import org.jspecify.annotations.NullMarked;
