/**
 * Connections from accept to close, and the order in which those of a disk open their rings (I9).
 * What lives here: the two cores that decide, the handlers that carry bytes, limits on connections.
 * What may not come in: listeners, the meaning of bytes, decisions about chains.
 */
@NullMarked
package io.chainring.gateway.nbd.connection;

import org.jspecify.annotations.NullMarked;
