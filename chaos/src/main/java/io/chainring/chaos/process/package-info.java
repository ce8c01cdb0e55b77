/**
 * Servers in processes of their own, and what can be done to a process from outside.
 * What lives here: a child that is started again, stops, kills and jumps of its clock.
 * What may not come in: what the process is.
 */
@NullMarked
package io.chainring.chaos.process;

import org.jspecify.annotations.NullMarked;
