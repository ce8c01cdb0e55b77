/** Tests of the package of the same name. */
@NullMarked
package io.chainring.node.files;

import org.jspecify.annotations.NullMarked;
