/**
 * Tests of disks inside an application's own ActorSystem.
 * What lives here: opening with and without a journal, the end, and each view of a disk that an application may take.
 * What may not come in: what happens under kills at chosen points; that is the scenarios'.
 */
@NullMarked
package io.chainring.host.embed;

import org.jspecify.annotations.NullMarked;
