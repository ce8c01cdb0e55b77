/**
 * The device side of a disk's rings: which chains may begin, what is recorded, what is published, what is resumed.
 * The decisions are plain Java (BackendCore and what it turns around); Backend is their thin actor shell.
 */
@NullMarked
package io.chainring.ring.backend;

import org.jspecify.annotations.NullMarked;
