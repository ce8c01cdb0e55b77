/** Tests of the package of the same name. */
@NullMarked
package io.chainring.node.loop;

import org.jspecify.annotations.NullMarked;
