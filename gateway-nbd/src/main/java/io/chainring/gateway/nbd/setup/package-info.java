/**
 * What an NBD server is set up with, the same for all its connections.
 * What lives here: settings, TLS, exports, counters.
 * What may not come in: anything of one connection.
 */
@NullMarked
package io.chainring.gateway.nbd.setup;

import org.jspecify.annotations.NullMarked;
