/**
 * Tests of the disk registry.
 * What lives here: its names, decisions, stored formats and actor under test, and its scenarios R1 to R5.
 * What may not come in: tests of rings, stores and the node.
 */
@NullMarked
package io.chainring.registry;

import org.jspecify.annotations.NullMarked;
