/**
 * Chaos tests of disks: a workload, faults meanwhile, and a verdict.
 * What lives here: the door of the library, and what comes out of a run.
 * What may not come in: what serves a disk, command lines, pictures.
 */
@NullMarked
package io.chainring.chaos;

import org.jspecify.annotations.NullMarked;
