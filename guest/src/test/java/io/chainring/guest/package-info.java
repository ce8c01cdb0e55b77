/**
 * The guest's helper, run under the shells of small systems against a fake /sys and /dev.
 *
 * <p>What the helper should know is written down a second time here; its own code is not asked.
 */
@NullMarked
package io.chainring.guest;

import org.jspecify.annotations.NullMarked;
