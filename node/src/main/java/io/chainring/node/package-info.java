/**
 * One Chainring node, in the packages below this one.
 * What lives here: what all of them share, a start that fails and the version.
 * What may not come in: anything that knows one of them.
 */
@NullMarked
package io.chainring.node;

import org.jspecify.annotations.NullMarked;
