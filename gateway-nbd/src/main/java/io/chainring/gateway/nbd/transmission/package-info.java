/**
 * The transmission phase of one connection without its socket.
 * What lives here: requests from bytes into the ring, replies from the ring into bytes.
 * What may not come in: channels, clocks, the life of a connection.
 */
@NullMarked
package io.chainring.gateway.nbd.transmission;

import org.jspecify.annotations.NullMarked;
