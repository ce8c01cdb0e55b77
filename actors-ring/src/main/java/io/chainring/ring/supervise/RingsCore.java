package io.chainring.ring.supervise;

import io.chainring.ring.supervise.RingLife.State;
import io.chainring.ring.transport.Outstanding;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rings' half of {@link SupervisorCore}: which one opens, when it closes, and what the present backend is told of it.
 * It starts and ends no backend; it looks at which one is up, and at whose word it hears.
 */
final class RingsCore {
    private static final Logger LOG = LoggerFactory.getLogger(RingsCore.class);

    private final String disk;
    private final String stoppingReason;
    private final int ringLimit;
    private final SupervisorEffects effects;
    private final Incarnations backend;
    private final OpenRings rings = new OpenRings();
    private long capacityBytes;
    private boolean stopping;

    RingsCore(SupervisorCore.Policy policy, SupervisorEffects effects, Incarnations backend) {
        this.disk = policy.disk();
        this.stoppingReason = "disk " + disk + " is stopping";
        this.ringLimit = policy.ringLimit();
        this.effects = effects;
        this.backend = backend;
    }

    boolean isEmpty() {
        return rings.isEmpty();
    }

    /** The backend lets in as much as this; rings that open are told so. */
    void capacityKnown(long knownBytes) {
        capacityBytes = Math.max(capacityBytes, knownBytes);
        effects.capacityKnown(capacityBytes);
    }

    /** The present backend asks for the rings of its epoch. */
    void wanted() {
        effects.expectRings(backend.epoch(), rings.heldIds());
        for (RingLife ring : rings.all()) {
            if (ring.isHeld()) {
                ring.expectedBy(backend.number());
                askFor(ring);
            }
        }
    }

    /** No backend is up: nobody waits for rings that none was told of. */
    void backendDied() {
        rings.all().forEach(this::dropIfUnknown);
    }

    /** A frontend has said what it waits for. */
    void introduced(long ringId, Outstanding outstanding) {
        rings.find(ringId, ring -> attach(ring, outstanding));
    }

    /** The backend has recorded it. */
    void attached(long ringId) {
        rings.find(ringId, this::attached);
    }

    /** Its client, or the backend, has it closed. */
    void close(long ringId) {
        rings.find(ringId, this::close);
    }

    /** A backend has recorded its end. */
    void detached(long ringId, String reason) {
        rings.find(ringId, ring -> detached(ring, reason));
    }

    /** Its frontend has come to an end, wanted or not. */
    void frontendEnded(long ringId) {
        rings.find(ringId, this::frontendEnded);
    }

    /** No ring opens any more, and each closes. */
    void stop() {
        stopping = true;
        for (RingLife ring : rings.all()) {
            if (ring.is(State.WISHED)) {
                leave(ring, stoppingReason);
            } else {
                close(ring);
            }
        }
    }

    /** Those end with an error that wait, or with whom somebody waits. */
    void giveUp(Predicate<RingLife> which, String reason) {
        for (RingLife ring : rings.all()) {
            if (which.test(ring)) {
                giveUp(ring, reason);
            }
        }
    }

    private void giveUp(RingLife ring, String reason) {
        if (ring.is(State.WISHED)) {
            leave(ring, reason);
        } else if (ring.is(State.ATTACHING) || ring.is(State.OPEN)) {
            effects.giveUp(ring.ringId, reason);
            close(ring);
        }
    }

    /** The present backend is to hear of the ring. */
    private void askFor(RingLife ring) {
        if (!backend.takesRings() || ring.isAttachedTo(backend.number())) {
            return;
        }
        if (ring.frontendAlive) {
            effects.introduce(ring.ringId, backend.epoch());
        } else {
            attach(ring, Outstanding.NONE);
        }
    }

    private void attach(RingLife ring, Outstanding outstanding) {
        if (ring.isHeld() && !ring.isAttachedTo(backend.number())) {
            ring.attachedTo(backend.number());
            effects.attach(ring.ringId, outstanding, ring.is(State.CLOSING));
        }
    }

    private void attached(RingLife ring) {
        if (ring.is(State.ATTACHING)) {
            ring.to(State.OPEN);
            effects.opened(ring.ringId, capacityBytes);
        }
    }

    /** A client wishes for a ring. */
    void open(long ringId, long nowNanos) {
        if (stopping) {
            effects.gone(ringId, stoppingReason);
        } else {
            rings.wish(ringId, nowNanos);
            openWhatMay();
        }
    }

    /** Of the wishes those that wait for no ring; at the limit for any ring that closes. */
    private void openWhatMay() {
        for (RingLife ring : rings.all()) {
            if (stopping || !ring.is(State.WISHED) || !ring.waitsFor.isEmpty()) {
                continue;
            }
            if (rings.heldIds().size() < ringLimit) {
                openNow(ring);
            } else if (!rings.anyIsClosing()) {
                leave(ring, "the disk has " + ringLimit + " rings already (ring-limit)");
            }
        }
    }

    private void openNow(RingLife ring) {
        ring.to(State.ATTACHING);
        if (effects.startRing(ring.ringId)) {
            askFor(ring);
        } else {
            leave(
                    ring,
                    "no payload memory is left for another ring (chainring.ring.memory-budget)");
        }
    }

    private void close(RingLife ring) {
        if (ring.is(State.WISHED)) {
            leave(ring, "closed before it was open");
        } else if (ring.is(State.ATTACHING) || ring.is(State.OPEN)) {
            ring.to(State.CLOSING);
            if (ring.isAttachedTo(backend.number())) {
                effects.detach(ring.ringId);
            }
            dropIfUnknown(ring);
        }
    }

    /** Nobody has to drain what no backend was told of, nor waits for. */
    private void dropIfUnknown(RingLife ring) {
        if (ring.is(State.CLOSING) && ring.isUnknown() && !isExpected(ring)) {
            drained(ring, "closed before it was open");
        }
    }

    /** Whether the present backend waits for it. */
    private boolean isExpected(RingLife ring) {
        return backend.takesRings() && ring.isExpectedBy(backend.number());
    }

    private void detached(RingLife ring, String reason) {
        if (ring.isHeld()) {
            if (!ring.is(State.CLOSING)) {
                ring.to(State.CLOSING);
            }
            if (isExpected(ring)) {
                // Word of an earlier incarnation.
                attach(ring, Outstanding.NONE);
            }
            drained(ring, reason);
        }
    }

    private void drained(RingLife ring, String reason) {
        if (ring.frontendAlive) {
            ring.to(State.DEPARTING);
            effects.endRing(ring.ringId, reason);
        } else {
            leave(ring, reason);
        }
        rings.drained(ring.ringId);
        openWhatMay();
    }

    private void leave(RingLife ring, String reason) {
        ring.to(State.GONE);
        rings.remove(ring);
        effects.gone(ring.ringId, reason);
    }

    private void frontendEnded(RingLife ring) {
        if (ring.is(State.DEPARTING)) {
            leave(ring, "its frontend has stopped");
            return;
        }
        LOG.error(
                "Frontend of ring {} of disk {} died; its client is disconnected",
                Long.toUnsignedString(ring.ringId),
                disk);
        ring.frontendAlive = false;
        close(ring);
        if (ring.is(State.CLOSING)) {
            askFor(ring);
        }
    }
}
