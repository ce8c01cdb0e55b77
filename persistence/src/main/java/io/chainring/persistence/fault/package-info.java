/**
 * A journal that fails when it is told to, for chaos and for tests.
 * What lives here: what stands between a store and its engine then.
 * What may not come in: anything that a journal needs whom nobody told.
 */
@NullMarked
package io.chainring.persistence.fault;

import org.jspecify.annotations.NullMarked;
