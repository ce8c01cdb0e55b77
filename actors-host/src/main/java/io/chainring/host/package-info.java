/**
 * The host: executes chains against a block store.
 * What lives here: Host, its core and its workers.
 * What may not come in: gateways, wire protocols, the node.
 */
@NullMarked
package io.chainring.host;

import org.jspecify.annotations.NullMarked;
