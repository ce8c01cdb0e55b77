/**
 * The NBD front door: a frontend for block clients outside the JVM.
 * What lives here: the server and its listeners; each phase of a connection has a room below, and knows nothing of this one.
 * What may not come in: decisions about chains, files, the node.
 */
@NullMarked
package io.chainring.gateway.nbd;

import org.jspecify.annotations.NullMarked;
