/**
 * Tests of the host module.
 * What lives here: tests of Host, mask and stores; contract suites of the stores.
 * What may not come in: gateways, the node.
 */
@NullMarked
package io.chainring.host;

import org.jspecify.annotations.NullMarked;
