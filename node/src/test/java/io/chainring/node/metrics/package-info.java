/** Tests of the package of the same name. */
@NullMarked
package io.chainring.node.metrics;

import org.jspecify.annotations.NullMarked;
