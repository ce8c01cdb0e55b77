/** Tests of the package of the same name. */
@NullMarked
package io.chainring.node.control;

import org.jspecify.annotations.NullMarked;
