/**
 * Chainring inside somebody's own ActorSystem: a disk from a block store, a journal by configuration, and a client.
 * Wiring only; whoever needs more puts the behaviours together as this does.
 */
@NullMarked
package io.chainring.host.embed;

import org.jspecify.annotations.NullMarked;
