package io.chainring.ring.turn;

import io.chainring.ring.memory.RingViolationException;
import io.chainring.ring.transport.Outstanding;
import io.chainring.ring.transport.RingTransport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What stands in a ring can break that ring, and nothing else: input, output and recovery read rings in here. */
final class RingGuard {
    private static final Logger LOG = LoggerFactory.getLogger(RingGuard.class);

    private final ProcessingCursor cursor;
    private final RingStatistics statistics;
    private final Admission admission;

    RingGuard(ProcessingCursor cursor, RingStatistics statistics, Admission admission) {
        this.cursor = cursor;
        this.statistics = statistics;
        this.admission = admission;
    }

    /** Runs a step that reads what a driver side wrote; a violation closes the ring. */
    void run(AttachedRing ring, Runnable step) {
        try {
            step.run();
        } catch (RingViolationException e) {
            cursor.clear();
            broke(ring, e);
        }
    }

    private void broke(AttachedRing ring, RingViolationException violation) {
        statistics.brokenRings.incrementAndGet();
        LOG.warn("Ring {} is broken and will be closed: {}", ring.ringId, violation.getMessage());
        close(ring, "the ring is broken: " + violation.getMessage());
    }

    /** A ring whose layout does not lie in its memory closes as if it had broken later. */
    AttachedRing map(RingTransport transport, Outstanding outstanding) {
        try {
            return new AttachedRing(transport, outstanding);
        } catch (RingViolationException e) {
            AttachedRing broken =
                    new AttachedRing(transport.ringId(), transport.layout().sizeDescriptors());
            broke(broken, e);
            return broken;
        }
    }

    /** The ring ends: what waits of it is dropped, nobody has begun it. */
    void close(AttachedRing ring, String reason) {
        ring.close(reason);
        admission.dropWaiting(ring.ringId);
    }
}
