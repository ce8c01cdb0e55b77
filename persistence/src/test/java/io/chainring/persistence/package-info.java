/**
 * Tests of the journal and snapshot store.
 * What lives here: contract, crash and format tests of the plugins.
 * What may not come in: rings, disks, or anything else of Chainring.
 */
@NullMarked
package io.chainring.persistence;

import org.jspecify.annotations.NullMarked;
