/**
 * The handshake of one connection without its socket.
 * What lives here: options, their data and replies.
 * What may not come in: channels, clocks, rings.
 */
@NullMarked
package io.chainring.gateway.nbd.handshake;

import org.jspecify.annotations.NullMarked;
