package io.chainring.persistence.journal;

import io.chainring.base.settings.Settings;
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

    private enum Mode {
        OFF,
        FAIL,
        WARN,
        REPAIR_BY_DISCARD_OLD
    }

    ReplayFilterFactory(Settings settings) {
        this.mode = pekkoMode(settings.choice("replay-filter.mode", Mode.class));
        this.windowSize = settings.number("replay-filter.window-size", 1, Integer.MAX_VALUE);
        this.maxOldWriters = settings.number("replay-filter.max-old-writers", 1, Integer.MAX_VALUE);
        this.debug = settings.flag("replay-filter.debug");
    }

    /** Whom the replayed events are sent to: a new filter, or the persistent actor itself. */
    ActorRef create(ActorContext context, ActorRef persistentActor) {
        if (mode == null) {
            return persistentActor;
        }
        return context.actorOf(
                ReplayFilter.props(persistentActor, mode, windowSize, maxOldWriters, debug));
    }

    private static ReplayFilter.@Nullable Mode pekkoMode(Mode mode) {
        return switch (mode) {
            case OFF -> null;
            case FAIL -> ReplayFilter.Fail$.MODULE$;
            case WARN -> ReplayFilter.Warn$.MODULE$;
            case REPAIR_BY_DISCARD_OLD -> ReplayFilter.RepairByDiscardOld$.MODULE$;
        };
    }
}
