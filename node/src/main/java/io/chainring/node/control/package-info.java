/**
 * The control socket: HTTP and JSON between a running node and the command line.
 * What lives here: server, client and the documents between them.
 * What may not come in: anything that clients' data passes through.
 */
@NullMarked
package io.chainring.node.control;

import org.jspecify.annotations.NullMarked;
