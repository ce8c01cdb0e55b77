/**
 * A block store that fails when it is told to, for chaos and for tests, an embedder's too.
 * What lives here: what stands before a real store then.
 * What may not come in: anything that a disk needs whom nobody told.
 */
@NullMarked
package io.chainring.host.fault;

import org.jspecify.annotations.NullMarked;
