/**
 * Whether a history is one that a disk may have: linearizable cell by cell, and durable.
 * What lives here: the checker and its verdicts; plain decisions on what was noted.
 * What may not come in: how histories are made.
 */
@NullMarked
package io.chainring.chaos.check;

import org.jspecify.annotations.NullMarked;
