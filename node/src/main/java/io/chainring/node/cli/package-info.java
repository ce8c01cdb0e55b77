/**
 * The command line.
 * What lives here: options, their checks, tables and texts for people.
 * What may not come in: actors, sockets, stores.
 */
@NullMarked
package io.chainring.node.cli;

import org.jspecify.annotations.NullMarked;
