/** Tests of the package of the same name. */
@NullMarked
package io.chainring.node.data;

import org.jspecify.annotations.NullMarked;
