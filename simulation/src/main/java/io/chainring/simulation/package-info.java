/**
 * The deterministic simulation of a disk as a tool: {@code checks/simulate.sh}.
 * Lives here: the command line, campaigns of many seeds, and how a failing one is made small.
 * May not come in: what happens within a run.
 */
@NullMarked
package io.chainring.simulation;

import org.jspecify.annotations.NullMarked;
