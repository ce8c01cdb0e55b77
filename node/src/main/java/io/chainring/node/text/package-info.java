/**
 * How commands read and show times, sizes and tables.
 * What lives here: their forms, and whether there is a terminal.
 * What may not come in: any particular command, what a node is.
 */
@NullMarked
package io.chainring.node.text;

import org.jspecify.annotations.NullMarked;
