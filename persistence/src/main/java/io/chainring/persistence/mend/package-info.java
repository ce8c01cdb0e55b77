/**
 * What a repair makes of entries that could be read: names, events, tags and snapshots that can be trusted.
 *
 * <p>Lives here: the rules by which it is decided what is kept, and what is said to be lost.
 *
 * <p>May not come in: reading of damaged files, which the engine package does; copies and folders, which the tools do.
 */
@NullMarked
package io.chainring.persistence.mend;

import org.jspecify.annotations.NullMarked;
