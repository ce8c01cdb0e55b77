/**
 * Disks as those see them who only ask and hear.
 * What lives here: what a workload needs of a disk, and how it tells an error from a lost connection.
 * What may not come in: protocols, histories, who serves the disk.
 */
@NullMarked
package io.chainring.chaos.tested;

import org.jspecify.annotations.NullMarked;
