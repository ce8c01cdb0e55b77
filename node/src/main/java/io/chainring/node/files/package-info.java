/**
 * What of a node's files others may do, and which files are disks at all.
 * What lives here: the warning about what others may read or lock, the paths that are never images, the folder of native libraries.
 * What may not come in: what stands in files, opening of images, disks that run.
 */
@NullMarked
package io.chainring.node.files;

import org.jspecify.annotations.NullMarked;
