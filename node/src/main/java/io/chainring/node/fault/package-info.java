/**
 * Faults on purpose in a running node.
 * What lives here: their names, and who carries each out.
 * What may not come in: anything that a node does when nobody asked for faults.
 */
@NullMarked
package io.chainring.node.fault;

import org.jspecify.annotations.NullMarked;
