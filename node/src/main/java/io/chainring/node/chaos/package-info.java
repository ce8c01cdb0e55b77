/**
 * The commands that try a node, or somebody else's server, and show what a node is for.
 * What lives here: a node of one's own as a child, its faults over the control socket, what a run is told and says.
 * What may not come in: the workload, schedules and verdicts (module chaos), the inside of a node.
 */
@NullMarked
package io.chainring.node.chaos;

import org.jspecify.annotations.NullMarked;
