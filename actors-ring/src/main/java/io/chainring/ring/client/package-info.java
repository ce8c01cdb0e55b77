/**
 * A disk as a JVM application uses it: read, write, flush, discard, with CompletionStages and ByteBuffers.
 * A frontend client like any other; nothing here knows backends or journals.
 */
@NullMarked
package io.chainring.ring.client;

import org.jspecify.annotations.NullMarked;
