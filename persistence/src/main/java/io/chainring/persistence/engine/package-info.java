/**
 * LevelDB behind one small interface, whichever library runs it.
 *
 * <p>Lives here: opening, reading, writing and closing of one database directory, and choosing the library.
 *
 * <p>May not come in: record layouts, Pekko, threads of our own.
 */
@NullMarked
package io.chainring.persistence.engine;

import org.jspecify.annotations.NullMarked;
