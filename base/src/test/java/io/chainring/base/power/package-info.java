/**
 * Power loss, simulated: a record of what a process did to its files, and every image that may be left of them.
 *
 * <p>Here live the recorder ({@code record.c}, preloaded) and the model of storage that forgets. No test of a module's
 * promises may come in: they live beside what they test. Nothing of it is shipped.
 */
@NullMarked
package io.chainring.base.power;

import org.jspecify.annotations.NullMarked;
