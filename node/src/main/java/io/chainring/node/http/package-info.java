/**
 * HTTP/1.1, small: the server below the control socket and the metrics port, and the client of the control socket.
 * What lives here: connections, their limits, and JSON in bodies.
 * What may not come in: any particular page.
 */
@NullMarked
package io.chainring.node.http;

import org.jspecify.annotations.NullMarked;
