/**
 * One Chainring node: wiring, configuration, command line, control socket.
 * What lives here: what puts the other modules together and talks to people.
 * What may not come in: decisions about chains; nothing may depend on this package.
 */
@NullMarked
package io.chainring.node;

import org.jspecify.annotations.NullMarked;
