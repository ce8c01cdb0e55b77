/**
 * The journals of a node.
 * What lives here: opening them for who needs them, and erasing what nobody knows any more.
 * What may not come in: disks that run, the registry, the bytes of records.
 */
@NullMarked
package io.chainring.node.journals;

import org.jspecify.annotations.NullMarked;
