/**
 * What a node may take of the JVM's memory.
 * What lives here: the parts and their sum, held against what the JVM allows.
 * What may not come in: who takes it, and how.
 */
@NullMarked
package io.chainring.node.memory;

import org.jspecify.annotations.NullMarked;
