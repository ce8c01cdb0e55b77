/**
 * The payload memory that all rings of a process share: slabs, and who may take one.
 * Lives here: the budget, its fair division, slabs that come from the system and go back to it.
 * May not come in: what is kept in a slab, rings, Pekko, Netty.
 */
@NullMarked
package io.chainring.ring.slab;

import org.jspecify.annotations.NullMarked;
