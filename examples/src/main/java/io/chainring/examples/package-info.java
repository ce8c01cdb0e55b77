/**
 * Programs that use Chainring as a library, to be read and copied from.
 * Public API only.
 */
@NullMarked
package io.chainring.examples;

import org.jspecify.annotations.NullMarked;
