/**
 * The data directory of a node.
 * What lives here: its layout, its lock, and the files that say which disks there are.
 * What may not come in: open disks, actors, journals' contents.
 */
@NullMarked
package io.chainring.node.data;

import org.jspecify.annotations.NullMarked;
