/**
 * The NBD front door: a frontend for block clients outside the JVM.
 * What lives here: handshake, commands, connections, listeners.
 * What may not come in: decisions about chains, files, the node.
 */
@NullMarked
package io.chainring.gateway.nbd;

import org.jspecify.annotations.NullMarked;
