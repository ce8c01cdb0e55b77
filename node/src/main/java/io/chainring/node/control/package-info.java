/**
 * The control socket: pages and documents between a running node and the command line.
 * What lives here: server, client and the documents that they exchange.
 * What may not come in: anything that clients' data passes through.
 */
@NullMarked
package io.chainring.node.control;

import org.jspecify.annotations.NullMarked;
