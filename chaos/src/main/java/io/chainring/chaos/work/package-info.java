/**
 * What many clients do to disks at once, and what they hear, noted as a history.
 * What lives here: seeded operations, the bytes of cells, clients that connect again, the notes, what was counted and timed.
 * What may not come in: protocols, faults of servers, verdicts.
 */
@NullMarked
package io.chainring.chaos.work;

import org.jspecify.annotations.NullMarked;
