package io.chainring.persistence.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import io.chainring.persistence.journal.JournalCore.Signal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Every order of requests, a full queue, failures to open and to start, the end; against a plain model of a store. */
final class JournalCoreTest {
    private static final long PAUSE_NANOS = 100;
    private static final int ROUNDS = 3000;
    private static final int STEPS = 60;

    private enum Kind {
        WRITE,
        REPLAY,
        DELETE
    }

    /** A store: a queue with room for some writes, which can't always be opened, and sometimes throws. */
    private static final class Model {
        final SplittableRandom random;
        final JournalCore core = new JournalCore(this::open, this::close, PAUSE_NANOS);
        final List<Asked> asked = new ArrayList<>();
        final List<Asked> started = new ArrayList<>();
        final ArrayDeque<Kind> queue = new ArrayDeque<>();
        final List<Long> attempts = new ArrayList<>();
        final int room;
        long nowNanos;
        boolean openFails;
        boolean open;
        boolean closed;
        boolean roomOwed;
        int failStarts;

        Model(SplittableRandom random) {
            this.random = random;
            this.room = 1 + random.nextInt(3);
            this.nowNanos = random.nextLong();
        }

        private void open() {
            attempts.add(nowNanos);
            if (openFails) {
                throw new IllegalStateException("locked");
            }
            open = true;
        }

        private void close() {
            assertTrue(open && !closed);
            closed = true;
        }

        private long writesQueued() {
            return queue.stream().filter(kind -> kind == Kind.WRITE).count();
        }

        void step() {
            nowNanos += random.nextLong(PAUSE_NANOS);
            switch (random.nextInt(12)) {
                case 0 -> written();
                case 1 -> giveRoom();
                case 2 -> failStarts = 1;
                case 3 -> openFails = !openFails && !open;
                default -> ask();
            }
        }

        private void ask() {
            Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
            Asked request = new Asked(this, kind, "abc".substring(random.nextInt(3)).charAt(0));
            asked.add(request);
            boolean free = waiting().stream().noneMatch(earlier -> earlier.id == request.id);
            core.apply(request, nowNanos);
            if (kind != Kind.WRITE && free) {
                assertTrue(request.isDone(), "waits, and nobody of its persistence id does");
            }
        }

        /** The writer has taken what was queued. */
        void written() {
            queue.clear();
        }

        void giveRoom() {
            if (roomOwed && writesQueued() < room) {
                roomOwed = false;
                core.apply(Signal.ROOM, nowNanos);
            }
        }

        List<Asked> waiting() {
            return asked.stream().filter(request -> !request.isDone()).toList();
        }
    }

    private static final class Asked implements JournalCore.Request {
        final Model model;
        final Kind kind;
        final char id;
        int starts;
        int failures;

        Asked(Model model, Kind kind, char id) {
            this.model = model;
            this.kind = kind;
            this.id = id;
        }

        boolean isDone() {
            return starts + failures > 0;
        }

        @Override
        public boolean start() {
            assertTrue(model.open && !model.closed);
            if (model.failStarts > 0) {
                model.failStarts--;
                if (model.random.nextBoolean()) {
                    throw new StackOverflowError("injected");
                }
                throw new IllegalStateException("injected");
            }
            if (kind == Kind.WRITE && model.writesQueued() >= model.room) {
                model.roomOwed = true;
                return false;
            }
            model.queue.add(kind);
            model.started.add(this);
            starts++;
            return true;
        }

        @Override
        public void fail(Throwable why) {
            assertNotNull(why);
            failures++;
        }

        @Override
        public boolean follows(JournalCore.Request earlier) {
            return kind == Kind.WRITE || earlier.touches(String.valueOf(id));
        }

        @Override
        public boolean touches(String persistenceId) {
            return persistenceId.equals(String.valueOf(id));
        }
    }

    @Test
    void everyRequestIsAnsweredOnceAndInTheOrderOfItsPersistenceId() {
        SplittableRandom seeds = Seed.random(JournalCoreTest.class);
        int waited = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Model model = new Model(seeds.split());
            model.openFails = model.random.nextInt(3) == 0;
            model.core.apply(Signal.START, model.nowNanos);
            for (int step = 0; step < STEPS; step++) {
                model.step();
                // Whoever waits is owed a word that there is room.
                assertTrue(model.waiting().isEmpty() || model.roomOwed);
                waited += model.waiting().isEmpty() ? 0 : 1;
            }
            if (model.random.nextBoolean()) {
                while (model.roomOwed) {
                    model.written();
                    model.giveRoom();
                }
                assertEquals(List.of(), model.waiting());
            }
            checkOrder(model);
            checkEnd(model);
        }
        assertTrue(waited > ROUNDS);
    }

    private static void checkOrder(Model model) {
        for (char id : new char[] {'a', 'b', 'c'}) {
            List<Asked> inOrder =
                    model.asked.stream().filter(one -> one.id == id && one.starts > 0).toList();
            assertEquals(inOrder, model.started.stream().filter(one -> one.id == id).toList());
        }
        assertEquals(
                model.asked.stream()
                        .filter(one -> one.kind == Kind.WRITE && one.starts > 0)
                        .toList(),
                model.started.stream().filter(one -> one.kind == Kind.WRITE).toList());
        for (int i = 1; i < model.attempts.size(); i++) {
            assertTrue(model.attempts.get(i) - model.attempts.get(i - 1) >= PAUSE_NANOS);
        }
    }

    private static void checkEnd(Model model) {
        model.core.apply(Signal.STOP, model.nowNanos);
        assertEquals(model.open, model.closed);
        Asked late = new Asked(model, Kind.REPLAY, 'a');
        model.asked.add(late);
        model.core.apply(late, model.nowNanos + 10 * PAUSE_NANOS);
        assertEquals(1, late.failures);
        model.core.apply(Signal.ROOM, model.nowNanos);
        for (Asked one : model.asked) {
            assertEquals(1, one.starts + one.failures, one.kind + " of " + one.id);
        }
    }

    @Test
    void opensAgainAfterThePauseAndSaysWhyNotUntilThen() {
        Model model = new Model(new SplittableRandom(1));
        model.openFails = true;
        model.core.apply(Signal.START, model.nowNanos);
        assertNotNull(model.core.refusal());
        model.openFails = false;
        Asked early = new Asked(model, Kind.WRITE, 'a');
        model.core.apply(early, model.nowNanos + PAUSE_NANOS - 1);
        assertEquals(1, early.failures);
        Asked due = new Asked(model, Kind.WRITE, 'a');
        model.core.apply(due, model.nowNanos + PAUSE_NANOS);
        assertEquals(1, due.starts);
        assertNull(model.core.refusal());
        assertEquals(2, model.attempts.size());
    }
}
