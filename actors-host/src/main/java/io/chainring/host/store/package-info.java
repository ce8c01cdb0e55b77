/**
 * Block stores: where the bytes of a disk are.
 * What lives here: the contract of a store, stores on a file and in memory, their errors.
 * What may not come in: rings, chains, actors; a store knows ranges and buffers.
 */
@NullMarked
package io.chainring.host.store;

import org.jspecify.annotations.NullMarked;
