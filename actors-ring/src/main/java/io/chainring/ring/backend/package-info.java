/**
 * The actor on the device side of a disk's rings: the thin shell that carries the decisions of {@code turn} to journal,
 * executor and supervisor. Nothing is decided here.
 */
@NullMarked
package io.chainring.ring.backend;

import org.jspecify.annotations.NullMarked;
