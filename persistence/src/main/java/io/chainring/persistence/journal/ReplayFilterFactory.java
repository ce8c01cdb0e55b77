package io.chainring.persistence.journal;

import com.typesafe.config.Config;
import java.util.Locale;
import org.apache.pekko.actor.ActorContext;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.persistence.journal.ReplayFilter;
import org.jspecify.annotations.Nullable;

/** Makes the child actor that watches a replay for events of overlapping writers, as {@code replay-filter} says. */
final class ReplayFilterFactory {
    private final ReplayFilter.@Nullable Mode mode;
    private final int windowSize;
    private final int maxOldWriters;
    private final boolean debug;

    ReplayFilterFactory(Config config) {
        this.mode = mode(config.getString("replay-filter.mode"));
        this.windowSize = config.getInt("replay-filter.window-size");
        this.maxOldWriters = config.getInt("replay-filter.max-old-writers");
        this.debug = config.getBoolean("replay-filter.debug");
    }

    /** Whom the replayed events are sent to: a new filter, or the persistent actor itself. */
    ActorRef create(ActorContext context, ActorRef persistentActor) {
        if (mode == null) {
            return persistentActor;
        }
        return context.actorOf(
                ReplayFilter.props(persistentActor, mode, windowSize, maxOldWriters, debug));
    }

    private static ReplayFilter.@Nullable Mode mode(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "off" -> null;
            case "fail" -> ReplayFilter.Fail$.MODULE$;
            case "warn" -> ReplayFilter.Warn$.MODULE$;
            case "repair-by-discard-old" -> ReplayFilter.RepairByDiscardOld$.MODULE$;
            default ->
                    throw new IllegalArgumentException(
                            "replay-filter.mode must be off, repair-by-discard-old, fail or warn, not: "
                                    + name);
        };
    }
}
