/**
 * What the acknowledged records say, kept apart from the code under test.
 * Lives here: a plain reading of records, and the order in which chains were taken.
 * May not come in: the world that writes the records.
 */
@NullMarked
package io.chainring.simulation.mirror;

import org.jspecify.annotations.NullMarked;
