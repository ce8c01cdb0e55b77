/**
 * What a backend records: the turn record, the arrays that records change, the snapshot of them, and the bytes of both.
 * Knows no turn, ring memory or actor; {@code RecoveryArrays} is all that recovery reads of it.
 */
@NullMarked
package io.chainring.ring.record;

import org.jspecify.annotations.NullMarked;
