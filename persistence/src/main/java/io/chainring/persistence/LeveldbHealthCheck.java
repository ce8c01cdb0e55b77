package io.chainring.persistence;

import io.chainring.persistence.store.JournalGauges;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.pekko.actor.ActorSystem;

/**
 * Health check of all journals of an actor system, for Pekko Management (name this class under {@code
 * pekko.management.health-checks.readiness-checks}) or by itself. Healthy: at least the journals in use are open and none is
 * waiting to be reopened after a failed write. Answers at once, without touching the disk.
 */
public final class LeveldbHealthCheck implements Supplier<CompletionStage<Boolean>> {
    private final LeveldbPersistence persistence;

    /** Called by Pekko Management. */
    public LeveldbHealthCheck(ActorSystem system) {
        this.persistence = LeveldbPersistence.get(system);
    }

    @Override
    public CompletionStage<Boolean> get() {
        List<JournalGauges> gauges = persistence.gauges();
        boolean healthy =
                !persistence.hasRefused() && gauges.stream().allMatch(JournalGauges::open);
        return CompletableFuture.completedFuture(healthy);
    }
}
