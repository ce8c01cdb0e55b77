/**
 * What can be measured about a node.
 * What lives here: meters, and the pages that show them.
 * What may not come in: anything that changes what the node does.
 */
@NullMarked
package io.chainring.node.metrics;

import org.jspecify.annotations.NullMarked;
