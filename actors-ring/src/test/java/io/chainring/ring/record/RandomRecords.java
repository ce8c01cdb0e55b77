package io.chainring.ring.record;

import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Random records, and random lives of a state by records that follow from it. */
final class RandomRecords {
    private RandomRecords() {}

    /** Any record, whether it follows from anything or not. */
    static TurnEvent any(SplittableRandom random) {
        List<TurnEvent.Attempt> attempts = new ArrayList<>();
        List<TurnEvent.Completed> completed = new ArrayList<>();
        List<TurnEvent.Detached> detached = new ArrayList<>();
        List<TurnEvent.Attached> attached = new ArrayList<>();
        List<TurnEvent.Begun> begun = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            attempts.add(new TurnEvent.Attempt(u16(random), u16(random), random.nextInt()));
        }
        for (int i = random.nextInt(5); i > 0; i--) {
            completed.add(
                    new TurnEvent.Completed(
                            u16(random),
                            u16(random),
                            random.nextInt(),
                            (byte) random.nextInt(0x20),
                            random.nextInt(1 << 25)));
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            detached.add(
                    new TurnEvent.Detached(u16(random), random.nextLong(), random.nextInt(1000)));
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            attached.add(
                    new TurnEvent.Attached(
                            u16(random), random.nextLong(), 1 << random.nextInt(16)));
        }
        for (int i = random.nextInt(5); i > 0; i--) {
            begun.add(
                    new TurnEvent.Begun(
                            u16(random),
                            u16(random),
                            random.nextInt(),
                            operation(random),
                            random.nextInt(8),
                            random.nextLong(1L << 50),
                            random.nextLong(1L << 40)));
        }
        return new TurnEvent(
                random.nextLong(1, Long.MAX_VALUE),
                random.nextBoolean(),
                attempts,
                completed,
                detached,
                attached,
                random.nextLong(1, Long.MAX_VALUE),
                begun);
    }

    /** A state after so many records that follow from each other. */
    static BackendState life(SplittableRandom random, int records) {
        BackendState state = new BackendState();
        state.apply(TurnEvent.epoch(1, List.of(), 1));
        for (int i = 0; i < records; i++) {
            state.apply(next(state, random));
        }
        return state;
    }

    private static TurnEvent next(BackendState state, SplittableRandom random) {
        List<TurnEvent.Completed> completed = new ArrayList<>();
        List<TurnEvent.Attached> attached = new ArrayList<>();
        List<TurnEvent.Begun> begun = new ArrayList<>();
        if (state.slotCount() < 4 && random.nextInt(3) == 0) {
            attached.add(new TurnEvent.Attached(state.slotCount(), random.nextLong(), 8));
        }
        for (int slot = 0; slot < state.slotCount(); slot++) {
            RecoveryArrays arrays = state.slot(slot);
            int head = random.nextInt(8);
            if (arrays == null) {
                continue;
            }
            if (arrays.isMarked(head)) {
                completed.add(
                        new TurnEvent.Completed(
                                slot,
                                head,
                                arrays.generation(head),
                                ChainStatus.OK,
                                random.nextInt(4096)));
            } else if (random.nextInt(4) == 0) {
                completed.add(
                        new TurnEvent.Completed(
                                slot, head, arrays.generation(head) + 1, ChainStatus.IOERR, 0));
            } else {
                begun.add(
                        new TurnEvent.Begun(
                                slot,
                                head,
                                arrays.generation(head) + 1,
                                operation(random),
                                0,
                                512L * random.nextInt(1000),
                                512L * random.nextInt(16)));
            }
        }
        return new TurnEvent(
                state.epoch(),
                false,
                List.of(),
                completed,
                List.of(),
                attached,
                state.nextSequence(),
                begun);
    }

    private static Operation operation(SplittableRandom random) {
        return Operation.values()[random.nextInt(Operation.values().length)];
    }

    private static int u16(SplittableRandom random) {
        return random.nextInt(0x10000);
    }
}
