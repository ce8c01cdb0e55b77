/** A disk's counts and times for Micrometer, which whoever wants them brings along: the dependency is optional. */
@NullMarked
package io.chainring.host.metrics;

import org.jspecify.annotations.NullMarked;
