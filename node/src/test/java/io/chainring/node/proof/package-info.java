/**
 * The proof of the whole: a node as a process of its own, and clients that others wrote.
 * What lives here: tests against that process, and the helpers that run it and them.
 * What may not come in: calls into the node.
 */
@NullMarked
package io.chainring.node.proof;

import org.jspecify.annotations.NullMarked;
