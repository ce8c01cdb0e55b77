package io.chainring.ring.backend;

import com.typesafe.config.Config;
import io.chainring.ring.signal.SignalGate;
import io.chainring.ring.turn.BackendLimits;
import io.chainring.ring.turn.ProcessingCursor;
import io.chainring.ring.turn.RingStatistics;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What all backend incarnations of one disk share. The mutable parts outlive each of them.
 *
 * @param persistenceId the disk's id in the journal; never changes in the life of the disk
 * @param journal plugins to use
 * @param limits bounds and policies
 * @param gate the mask around the completion section
 * @param killSwitch door for injected errors
 * @param cursor what an incarnation has in hand
 * @param statistics counts of the disk
 * @param listener hears of records
 */
public record BackendSetup(
        String persistenceId,
        JournalChoice journal,
        BackendLimits limits,
        SignalGate gate,
        KillSwitch killSwitch,
        ProcessingCursor cursor,
        RingStatistics statistics,
        RingListener listener) {

    /**
     * Journal and snapshot store, by configuration.
     *
     * @param journalPluginId "" for the ActorSystem's default
     * @param snapshotPluginId "" for the ActorSystem's default
     * @param runtimeConfig configuration that holds the plugins when the ActorSystem's does not; null when it does
     * @param snapshotEveryTurns records between snapshots: recovery replays at most about twice as many
     * @param takesWrites false while it is known to refuse writes, because its file system is full: a backend that has died
     *     is not started again until then. Any thread
     */
    public record JournalChoice(
            String journalPluginId,
            String snapshotPluginId,
            @Nullable Config runtimeConfig,
            int snapshotEveryTurns,
            BooleanSupplier takesWrites) {

        /** A journal that says nothing of its state. */
        public JournalChoice(
                String journalPluginId,
                String snapshotPluginId,
                @Nullable Config runtimeConfig,
                int snapshotEveryTurns) {
            this(journalPluginId, snapshotPluginId, runtimeConfig, snapshotEveryTurns, () -> true);
        }
    }
}
