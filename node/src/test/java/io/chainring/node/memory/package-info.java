/** Tests of what the memory of a node has to be enough for. */
@NullMarked
package io.chainring.node.memory;

import org.jspecify.annotations.NullMarked;
