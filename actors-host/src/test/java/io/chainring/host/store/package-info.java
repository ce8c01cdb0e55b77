/**
 * Tests of the block stores.
 * What lives here: the one contract that every store passes, tests of single stores, the store that fails on demand.
 * What may not come in: actors.
 */
@NullMarked
package io.chainring.host.store;

import org.jspecify.annotations.NullMarked;
