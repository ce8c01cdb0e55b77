package io.chainring.ring.supervise;

import com.typesafe.config.Config;
import io.chainring.base.settings.InvalidSettingException;
import io.chainring.base.settings.Settings;
import io.chainring.ring.backend.BackendSetup;
import io.chainring.ring.frontend.PayloadPool;
import io.chainring.ring.frontend.RingShape;
import io.chainring.ring.record.BackendState;
import io.chainring.ring.slab.SlabPool;
import io.chainring.ring.turn.BackendLimits;
import io.chainring.ring.turn.CrashPolicy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The settings of {@code chainring.ring} in {@code reference.conf}, which says what each means.
 *
 * @param shape of each client's ring
 * @param limits of the backend
 * @param journal plugins and snapshots
 * @param backoffFirst wait before the second restart in a row
 * @param backoffLongest longest wait
 * @param outageLimit null waits for ever
 * @param queueLimitRequests most requests of a {@link io.chainring.ring.client.BlockClient} that wait for room
 */
public record RingSettings(
        RingShape shape,
        BackendLimits limits,
        BackendSetup.JournalChoice journal,
        Duration backoffFirst,
        Duration backoffLongest,
        @Nullable Duration outageLimit,
        int queueLimitRequests) {

    /** Where the settings stand in an ActorSystem's configuration. */
    public static final String PATH = "chainring.ring";

    private static final Duration LONGEST = Duration.ofDays(1);

    /**
     * Reads and checks the settings.
     *
     * @param config an ActorSystem's whole configuration
     * @throws InvalidSettingException when one is missing or out of its range; the message names it
     */
    public static RingSettings of(Config config) {
        Settings ring = Settings.at(config, PATH);
        var unused = guaranteedRings(config);
        Duration first = ring.duration("restart-backoff-first", Duration.ofMillis(1), LONGEST);
        return new RingSettings(
                shape(ring),
                limits(ring),
                new BackendSetup.JournalChoice(
                        ring.text("journal-plugin"),
                        ring.text("snapshot-plugin"),
                        null,
                        ring.number("snapshot-every-turns", 1, Integer.MAX_VALUE)),
                first,
                ring.duration("restart-backoff-longest", first, LONGEST),
                ring.durationOrOff("outage-limit", Duration.ofMillis(1), LONGEST),
                ring.number("client.queue-limit-requests", 1, 1 << 24));
    }

    /**
     * Most payload memory of all rings together, in bytes.
     *
     * @param config as for {@link #of}
     * @throws InvalidSettingException when it is not a size of at least one slab
     */
    public static long memoryBudgetBytes(Config config) {
        Settings ring = Settings.at(config, PATH);
        return ring.text("memory-budget").equals("auto")
                ? Math.max(PayloadPool.SLAB_BYTES, SlabPool.directMemoryBytes() / 2)
                : ring.bytes("memory-budget", PayloadPool.SLAB_BYTES, 1L << 40);
    }

    /**
     * Rings for which memory is set aside.
     *
     * @param config as for {@link #of}
     * @throws InvalidSettingException when the budget does not hold that much
     */
    public static int guaranteedRings(Config config) {
        Settings ring = Settings.at(config, PATH);
        long eachBytes = (long) SlabPool.GUARANTEED_SLABS * SlabPool.SLAB_BYTES;
        long mostRings = Math.min(memoryBudgetBytes(config) / eachBytes, 1 << 20);
        if (ring.text("guaranteed-rings").equals("auto")) {
            return (int) Math.max(1, mostRings / 2);
        }
        int rings = ring.number("guaranteed-rings", 1, 1 << 20);
        if (rings > mostRings) {
            throw ring.refused(
                    "guaranteed-rings",
                    rings,
                    "%s KiB each are more than memory-budget has, %s KiB; allow fewer, or raise memory-budget or"
                                    .formatted(eachBytes >> 10, memoryBudgetBytes(config) >> 10)
                            + " -XX:MaxDirectMemorySize");
        }
        return rings;
    }

    private static RingShape shape(Settings ring) {
        int size = ring.number("size-descriptors", 4, 32768);
        if (Integer.bitCount(size) != 1) {
            throw ring.refused("size-descriptors", size, "allowed are powers of two");
        }
        return new RingShape(size, ring.bytes("payload-limit", PayloadPool.SLAB_BYTES, 1L << 40));
    }

    private static BackendLimits limits(Settings ring) {
        return new BackendLimits(
                ring.number("batch-limit-chains", 1, 0xFFFF),
                ring.number("in-flight-limit-chains", 1, 0xFFFF / 2),
                ring.number("waiting-limit-chains", 1, 0xFFFF / 2),
                ring.number("ring-limit", 1, BackendState.SLOT_LIMIT),
                ring.bytes("chain-limit", 4096, Integer.MAX_VALUE),
                ring.number("chain-limit-segments", 3, 32768),
                ring.number("poison-limit-attempts", 1, 1_000_000),
                ring.choice("crash-policy", CrashPolicy.class));
    }

    /** The same with another journal. */
    public RingSettings withJournal(BackendSetup.JournalChoice choice) {
        return new RingSettings(
                shape,
                limits,
                choice,
                backoffFirst,
                backoffLongest,
                outageLimit,
                queueLimitRequests);
    }

    /** The same with another crash policy. */
    public RingSettings withCrashPolicy(CrashPolicy policy) {
        return new RingSettings(
                shape,
                limits.withCrashPolicy(policy),
                journal,
                backoffFirst,
                backoffLongest,
                outageLimit,
                queueLimitRequests);
    }
}
