/**
 * What a journal keeps through a power loss: a workload is recorded once and cut off at many places.
 *
 * <p>The recorder and the storage that forgets live in {@code io.chainring.base.power}; here are the promises.
 */
@NullMarked
package io.chainring.persistence.power;

import org.jspecify.annotations.NullMarked;
