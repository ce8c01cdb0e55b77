/**
 * Tests of the NBD front door.
 * What lives here: protocol, misuse and fuzz tests over real sockets.
 * What may not come in: the node.
 */
@NullMarked
package io.chainring.gateway.nbd;

import org.jspecify.annotations.NullMarked;
