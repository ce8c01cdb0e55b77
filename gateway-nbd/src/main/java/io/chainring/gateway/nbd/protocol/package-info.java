/**
 * The protocol's own words.
 * What lives here: constants, error values, commands.
 * What may not come in: bytes, settings, sockets.
 */
@NullMarked
package io.chainring.gateway.nbd.protocol;

import org.jspecify.annotations.NullMarked;
