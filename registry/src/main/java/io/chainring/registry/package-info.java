/**
 * The disk registry as an actor: its journal, its stored formats, its setup.
 * What lives here: the actor around the rules, the codecs of its events and its snapshot.
 * What may not come in: decisions (they are in {@code rules}), rings, stores, gateways, the node.
 */
@NullMarked
package io.chainring.registry;

import org.jspecify.annotations.NullMarked;
