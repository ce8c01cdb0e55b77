/**
 * How a turn is decided: which chains may begin, what goes into the record, what is published, what is resumed.
 * Plain Java around {@code BackendCore}; no actor, clock or journal comes in.
 */
@NullMarked
package io.chainring.ring.turn;

import org.jspecify.annotations.NullMarked;
