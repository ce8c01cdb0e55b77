/**
 * Tests of a whole node.
 * What lives here: tests with real clients and processes, and the test of the module arrows.
 * What may not come in: stand-ins for files, sockets or the journal.
 */
@NullMarked
package io.chainring.node;

import org.jspecify.annotations.NullMarked;
