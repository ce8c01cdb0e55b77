/**
 * Who may be connected: places in all, in the handshake, of one source, certificate and disk, and who gives way.
 * What lives here: the decision, its lock, and what counts as one source.
 * What may not come in: bytes, handlers, the life of a connection.
 */
@NullMarked
package io.chainring.gateway.nbd.places;

import org.jspecify.annotations.NullMarked;
