/** Tests of the package of the same name. */
@NullMarked
package io.chainring.node.cli;

import org.jspecify.annotations.NullMarked;
