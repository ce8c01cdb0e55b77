/**
 * States that follow each other by a table.
 * What lives here: the table of legal transitions and the holder of a state that keeps to it.
 * What may not come in: any particular lifecycle, clocks, threads, logging.
 */
@NullMarked
package io.chainring.base.lifecycle;

import org.jspecify.annotations.NullMarked;
