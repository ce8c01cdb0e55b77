/**
 * The disk registry: UUID, device name, drive letter value and identifier of each disk, and who holds what.
 * What lives here: the names and the identifier, the registry's decisions, its journaled actor and stored formats.
 * What may not come in: rings, stores, gateways, the node.
 */
@NullMarked
package io.chainring.host.registry;

import org.jspecify.annotations.NullMarked;
