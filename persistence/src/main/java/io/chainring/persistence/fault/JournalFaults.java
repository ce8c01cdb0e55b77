package io.chainring.persistence.fault;

import io.chainring.base.fault.OpenFaults;
import io.chainring.base.space.FreeSpace;
import io.chainring.persistence.engine.Engine;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What is wrong with the journal of one directory, however often it is opened again. While nothing is, a write costs a read
 * of memory more, and a directory that nobody asked for in time has none of this. Thread-safe.
 *
 * <p>Get it from {@link io.chainring.persistence.LeveldbPersistence#faults} before the directory is opened.
 */
public final class JournalFaults {
    /** The longest that {@link JournalFault#SLOW} holds a write. */
    public static final long LONGEST_DELAY_MILLIS = 50;

    private final Path directory;
    private final OpenFaults<JournalFault> open = new OpenFaults<>(JournalFault.class);
    private final SplittableRandom random;
    private volatile Runnable looksForRoom = () -> {};

    /**
     * Nothing is wrong yet.
     *
     * @param seed of the delays
     */
    public JournalFaults(Path directory, long seed) {
        this.directory = directory;
        this.random = new SplittableRandom(seed);
    }

    /** Whose. */
    public Path directory() {
        return directory;
    }

    /**
     * Something is wrong from now on.
     *
     * @param operations writes that it hits at most
     * @param millis how long at most
     */
    public void inject(JournalFault fault, long operations, long millis) {
        open.open(fault, operations, millis);
        looksForRoom.run();
    }

    /** Nothing is wrong any more. */
    public void end() {
        open.closeAll();
        looksForRoom.run();
    }

    /** Writes, rejections and refusals that it has hit. */
    public long met(JournalFault fault) {
        return open.met(fault);
    }

    /** An event is about to be serialized: throws when it is to be rejected. */
    public void serializing() {
        if (open.meets(JournalFault.REJECT)) {
            throw new IllegalStateException("injected: the event is rejected");
        }
    }

    /** What stands between the store and its engine. */
    public Engine between(Engine engine) {
        return new InjectedEngine(engine, this);
    }

    /** How much room there is. */
    public FreeSpace.Probe room(FreeSpace.Probe real) {
        return () -> open.meets(JournalFault.FULL) ? 0 : real.usableBytes();
    }

    /** Who is to look when there may be more room, or less. */
    public void looksForRoom(Runnable look) {
        looksForRoom = look;
    }

    boolean meets(JournalFault fault) {
        return open.meets(fault);
    }

    /** A write waits: nothing interrupts it. */
    void delay() {
        if (!open.meets(JournalFault.SLOW)) {
            return;
        }
        long nanos;
        synchronized (random) {
            nanos = random.nextLong(TimeUnit.MILLISECONDS.toNanos(LONGEST_DELAY_MILLIS));
        }
        long end = System.nanoTime() + nanos;
        for (long rest = nanos; rest > 0; rest = end - System.nanoTime()) {
            LockSupport.parkNanos(rest);
        }
    }
}
