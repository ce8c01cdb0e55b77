package io.chainring.chaos;

import io.chainring.chaos.tested.BlockTarget;
import io.chainring.chaos.tested.ClientFault;
import io.chainring.chaos.tested.ConnectionLostException;
import io.chainring.chaos.tested.TargetDoor;
import io.chainring.chaos.tested.TargetFeatures;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A disk in memory that can lie. What it is asked takes effect on one thread, later. */
final class MemoryDisk implements TargetDoor, AutoCloseable {
    private final byte[] bytes;
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final SplittableRandom random;
    private final List<Runnable> lateCopies = new ArrayList<>();
    private volatile Lie lie = Lie.NONE;
    private int writes;

    /** Ways not to keep promises. */
    enum Lie {
        NONE,
        LOSES_WRITES,
        TEARS_WRITES,
        MISPLACES_WRITES,
        NEVER_ANSWERS,
        RUNS_OLD_COPIES_LATE,
        ANSWERS_WITH_ERRORS
    }

    MemoryDisk(int sizeBytes, long seed) {
        bytes = new byte[sizeBytes];
        random = new SplittableRandom(seed);
    }

    void lie(Lie how) {
        lie = how;
    }

    @Override
    public BlockTarget connect() {
        return new Connection();
    }

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }

    private boolean lies(Lie how, int oneIn) {
        return lie == how && random.nextInt(oneIn) == 0;
    }

    private void put(long offsetBytes, byte[] data) {
        int at = (int) offsetBytes;
        if (lies(Lie.LOSES_WRITES, 200)) {
            return;
        }
        if (lies(Lie.MISPLACES_WRITES, 200)) {
            at = (int) ((offsetBytes + 512) % (bytes.length - data.length));
        }
        int length = lies(Lie.TEARS_WRITES, 200) ? data.length - 100 : data.length;
        System.arraycopy(data, 0, bytes, at, length);
        if (++writes % 64 == 0) {
            List<Runnable> now = List.copyOf(lateCopies);
            lateCopies.clear();
            now.forEach(Runnable::run);
        }
    }

    private final class Connection implements BlockTarget {
        private volatile boolean lost;

        private <T> CompletionStage<T> later(Supplier<T> effect, @Nullable Runnable copy) {
            CompletableFuture<T> answer = new CompletableFuture<>();
            thread.execute(
                    () -> {
                        if (lost) {
                            if (lie == Lie.RUNS_OLD_COPIES_LATE && copy != null) {
                                lateCopies.add(copy);
                            }
                            answer.completeExceptionally(new ConnectionLostException("cut", false));
                        } else if (lies(Lie.ANSWERS_WITH_ERRORS, 50)) {
                            answer.completeExceptionally(new IOException("error 5"));
                        } else {
                            T value = effect.get();
                            if (!lies(Lie.NEVER_ANSWERS, 500)) {
                                answer.complete(value);
                            }
                        }
                    });
            return answer;
        }

        @Override
        public CompletionStage<ByteBuffer> read(long offsetBytes, int lengthBytes) {
            return later(
                    () -> {
                        byte[] copy = new byte[lengthBytes];
                        System.arraycopy(bytes, (int) offsetBytes, copy, 0, lengthBytes);
                        return ByteBuffer.wrap(copy);
                    },
                    null);
        }

        private CompletionStage<Void> change(long offsetBytes, byte[] data) {
            Runnable effect = () -> put(offsetBytes, data);
            return later(
                            () -> {
                                effect.run();
                                return ByteBuffer.allocate(0);
                            },
                            effect)
                    .thenAccept(nothing -> {});
        }

        @Override
        public CompletionStage<Void> write(long offsetBytes, ByteBuffer data, boolean through) {
            byte[] copy = new byte[data.remaining()];
            data.duplicate().get(copy);
            return change(offsetBytes, copy);
        }

        @Override
        public CompletionStage<Void> flush() {
            return later(() -> ByteBuffer.allocate(0), null).thenAccept(nothing -> {});
        }

        @Override
        public CompletionStage<Void> trim(long offsetBytes, int lengthBytes) {
            return flush();
        }

        @Override
        public CompletionStage<Void> writeZeroes(long offsetBytes, int lengthBytes) {
            return change(offsetBytes, new byte[lengthBytes]);
        }

        @Override
        public TargetFeatures features() {
            return new TargetFeatures(bytes.length, 1, true, true, true, true);
        }

        @Override
        public boolean misbehave(ClientFault fault, long millis) {
            lost = true;
            return true;
        }

        @Override
        public void close() {
            lost = true;
        }
    }
}
