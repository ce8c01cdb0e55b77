/**
 * What an operator asks of a journal directory that nobody has open: list, show, verify, repair, compact, export, import.
 *
 * <p>Lives here: a library for a command line; it returns plain values and prints nothing.
 *
 * <p>May not come in: actors, option parsing, knowledge of any event's meaning.
 */
@NullMarked
package io.chainring.persistence.tool;

import org.jspecify.annotations.NullMarked;
