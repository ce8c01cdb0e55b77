/**
 * A small client of the NBD protocol that can misbehave on purpose.
 * What lives here: addresses, the fixed newstyle handshake, requests and simple replies over TCP and unix sockets.
 * What may not come in: what is asked and why, histories, Chainring's own gateway.
 */
@NullMarked
package io.chainring.chaos.nbd;

import org.jspecify.annotations.NullMarked;
