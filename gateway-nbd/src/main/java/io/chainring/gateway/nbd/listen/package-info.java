/**
 * How a listener accepts: one client at a time, not the last descriptors, and with a pause when there are none.
 * What lives here: the handler of a listening channel, when it pauses, how many descriptors are left.
 * What may not come in: what is done with a client that was accepted.
 */
@NullMarked
package io.chainring.gateway.nbd.listen;

import org.jspecify.annotations.NullMarked;
