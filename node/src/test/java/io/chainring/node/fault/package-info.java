/**
 * Tests of faults on purpose in a running node.
 * What lives here: what the control socket takes, and that each fault does what its name says.
 * What may not come in: what clients notice of faults; that is judged where the disks are.
 */
@NullMarked
package io.chainring.node.fault;

import org.jspecify.annotations.NullMarked;
