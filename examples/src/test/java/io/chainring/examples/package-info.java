/** The examples, run. */
@NullMarked
package io.chainring.examples;

import org.jspecify.annotations.NullMarked;
