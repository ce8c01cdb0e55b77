/**
 * Tests of the lives of connections.
 * What lives here: both cores under every order of events.
 * What may not come in: sockets.
 */
@NullMarked
package io.chainring.gateway.nbd.connection;

import org.jspecify.annotations.NullMarked;
