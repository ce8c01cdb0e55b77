/**
 * How a node's log looks.
 * What lives here: parts of the log library's configuration that it does not bring along.
 * What may not come in: anything that logs.
 */
@NullMarked
package io.chainring.node.log;

import org.jspecify.annotations.NullMarked;
