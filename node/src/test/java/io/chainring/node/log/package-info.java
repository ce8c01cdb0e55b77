/** Tests of the package of the same name. */
@NullMarked
package io.chainring.node.log;

import org.jspecify.annotations.NullMarked;
