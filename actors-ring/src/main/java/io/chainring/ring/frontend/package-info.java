/**
 * The driver side of rings: requests of clients become chains, used elements become completions.
 * No wire protocol and no journal; a client sees requests, payload buffers and a sink.
 */
@NullMarked
package io.chainring.ring.frontend;

import org.jspecify.annotations.NullMarked;
