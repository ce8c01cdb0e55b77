/**
 * Encryption of a server's connections.
 * What lives here: its files and what is refused in them, the threads that compute handshakes and whose turn it is there.
 * What may not come in: options of the handshake, what a client may do once it is known.
 */
@NullMarked
package io.chainring.gateway.nbd.tls;

import org.jspecify.annotations.NullMarked;
