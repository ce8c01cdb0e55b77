@NullMarked
package io.chainring.node.chaos;

import org.jspecify.annotations.NullMarked;
