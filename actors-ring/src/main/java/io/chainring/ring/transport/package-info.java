/**
 * How a ring reaches its backend: the small door behind which same JVM, same machine and remote look alike. No
 * decisions, no actors.
 */
@NullMarked
package io.chainring.ring.transport;

import org.jspecify.annotations.NullMarked;
