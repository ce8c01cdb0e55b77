/**
 * The host: executes chains against a block store and names the disks.
 * What lives here: Host, SignalMask, block stores, the disk registry.
 * What may not come in: gateways, wire protocols, the node.
 */
@NullMarked
package io.chainring.host;

import org.jspecify.annotations.NullMarked;
