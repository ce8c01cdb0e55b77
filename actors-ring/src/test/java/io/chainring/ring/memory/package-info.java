/**
 * Tests of ring memory.
 * What lives here: the contract that every ring memory keeps, and what is special about each.
 * What may not come in: virtqueues and requests.
 */
@NullMarked
package io.chainring.ring.memory;

import org.jspecify.annotations.NullMarked;
