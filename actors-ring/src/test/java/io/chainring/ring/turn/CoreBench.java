package io.chainring.ring.turn;

import io.chainring.ring.execute.Chain;
import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.FrontendCore;
import io.chainring.ring.frontend.LocalRing;
import io.chainring.ring.frontend.Payload;
import io.chainring.ring.frontend.RingShape;
import io.chainring.ring.record.BackendState;
import io.chainring.ring.record.TurnEvent;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.Operation;
import io.chainring.ring.transport.Outstanding;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A backend core on a bench: everything that it asks for is noted, and what it hears is said by the test. */
final class CoreBench implements BackendEffects {
    static final long CAPACITY_BYTES = 1 << 20;

    /** The clock: it stands still until a test moves it. */
    long nanos = 1;

    /** The death that a test asked for. */
    static final class Death extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** A ring with its frontend. */
    final class Ring extends LocalRing {
        final FrontendCore frontend = core();
        final List<BlockRequest> completed = new ArrayList<>();
        int informed;

        Ring(long ringId) {
            super(ringId, new FrontendCore(new RingShape(32, 1 << 20)));
        }

        BlockRequest submit(Operation operation, long offsetBytes, int lengthBytes) {
            boolean carries = operation == Operation.READ || operation == Operation.WRITE;
            Payload payload = carries ? frontend.payloads().allocate(lengthBytes) : null;
            BlockRequest request =
                    new BlockRequest(operation, offsetBytes, lengthBytes, 0, payload, 0);
            frontend.submit(List.of(request));
            return request;
        }

        /** Takes what is completed; how many in all. */
        int take() {
            do {
                frontend.drain(completed);
            } while (frontend.arm());
            return completed.size();
        }

        @Override
        public void inform() {
            informed++;
        }
    }

    final List<TurnEvent> journal = new ArrayList<>();
    final List<Chain> executed = new ArrayList<>();
    final List<Long> attached = new ArrayList<>();
    final List<Long> detached = new ArrayList<>();
    final List<Long> mustClose = new ArrayList<>();
    final List<Long> knownCapacities = new ArrayList<>();
    final List<Ring> rings = new ArrayList<>();
    final RingStatistics statistics = new RingStatistics();
    private final ProcessingCursor cursor = new ProcessingCursor();
    private final BackendLimits limits;
    BackendState state = new BackendState();
    BackendCore core;
    @Nullable TurnEvent pending;
    @Nullable KillPoint dieAt;
    long executorIncarnation = 1;
    long journaledUpTo;
    int sections;
    boolean masked;
    private boolean more;

    CoreBench(BackendLimits limits) {
        this.limits = limits;
        this.core = new BackendCore(state, limits, this, cursor, statistics);
    }

    CoreBench() {
        this(BackendLimits.DEFAULT);
    }

    Ring openRing(long ringId) {
        Ring ring = new Ring(ringId);
        rings.add(ring);
        return ring;
    }

    /** The next incarnation replays and begins its epoch. */
    void restart() {
        restart(null);
    }

    /** The same, to die at a point. */
    void restart(@Nullable KillPoint death) {
        pending = null;
        masked = false;
        more = false;
        dieAt = death;
        executed.clear();
        state = new BackendState();
        journal.forEach(state::apply);
        core = new BackendCore(state, limits, this, cursor, statistics);
        core.start();
    }

    /** Its epoch is recorded, its rings attach, its executor says what it holds. */
    void resume(List<Chain> running, List<Chain> done) {
        acknowledge();
        List<Long> ids = new ArrayList<>();
        rings.forEach(ring -> ids.add(ring.ringId()));
        core.expectRings(state.epoch(), ids);
        rings.forEach(ring -> attach(ring, false));
        core.adopted(state.epoch(), executorIncarnation, CAPACITY_BYTES, running, done);
    }

    void attach(Ring ring, boolean closing) {
        ring.take();
        Outstanding outstanding = ring.frontend.introduce();
        core.attach(ring, outstanding, closing);
    }

    /** A first incarnation that serves the rings opened so far. */
    void serve() {
        restart();
        resume(List.of(), List.of());
        settle();
    }

    /** Acknowledges records until there are none. */
    void settle() {
        while (pending != null || more) {
            if (pending != null) {
                acknowledge();
            } else {
                more = false;
                core.turn();
            }
        }
    }

    void acknowledge() {
        TurnEvent record = store();
        state.apply(record);
        core.recorded(record);
    }

    /** The record is stored, and nobody hears of it. */
    TurnEvent store() {
        TurnEvent record = pending;
        if (record == null) {
            throw new IllegalStateException("no record is under way");
        }
        pending = null;
        journal.add(record);
        return record;
    }

    /** The chain ends well, and the backend hears of it. */
    void finish(Chain chain, long outcomeSequence) {
        end(chain, outcomeSequence);
        core.executed(state.epoch(), executorIncarnation, List.of(chain));
    }

    static Chain end(Chain chain, long outcomeSequence) {
        boolean reads = chain.operation() == Operation.READ;
        chain.finish(ChainStatus.OK, reads ? (int) chain.lengthBytes() : 0);
        chain.outcomeSequence(outcomeSequence);
        return chain;
    }

    int completionsInJournal() {
        return journal.stream().mapToInt(record -> record.completed().size()).sum();
    }

    long epoch() {
        return state.epoch();
    }

    int marked() {
        return state.marked();
    }

    @Override
    public void persist(TurnEvent record) {
        pending = record;
    }

    @Override
    public void adopt(long epoch) {}

    @Override
    public void requestRings(long epoch) {}

    @Override
    public void execute(long epoch, long incarnation, List<Chain> chains, long journaled) {
        executed.addAll(chains);
        journaledUpTo = journaled;
    }

    @Override
    public void maskSignals() {
        masked = true;
        sections++;
    }

    @Override
    public void unmaskSignals() {
        masked = false;
    }

    @Override
    public void ringAttached(long ringId) {
        attached.add(ringId);
    }

    @Override
    public void ringMustClose(long ringId, String reason) {
        mustClose.add(ringId);
    }

    @Override
    public void ringDetached(long ringId, String reason) {
        detached.add(ringId);
    }

    @Override
    public void continueLater() {
        more = true;
    }

    @Override
    public void capacityKnown(long capacityBytes) {
        knownCapacities.add(capacityBytes);
    }

    @Override
    public long nanoTime() {
        return nanos;
    }

    @Override
    public void serving() {}

    @Override
    public void at(KillPoint point, @Nullable Chain chain) {
        if (point == dieAt) {
            throw new Death();
        }
    }
}
