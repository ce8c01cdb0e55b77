/**
 * Which fault comes when, and what became of it.
 * What lives here: faults by name, schedules from a seed, the thread that has them carried out and keeps the log.
 * What may not come in: how a particular fault is carried out.
 */
@NullMarked
package io.chainring.chaos.plan;

import org.jspecify.annotations.NullMarked;
