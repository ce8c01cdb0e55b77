package io.chainring.ring.supervise;

import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.ChildFailed;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/**
 * The end of a child that Pekko says nothing of, since its parent does ({@link DeathLog}). A child that is stopped so and
 * failed while it started looks to Pekko like one that stopped by itself: what it failed of is kept here.
 */
final class QuietDeath {
    private volatile @Nullable Throwable startFailure;

    /** The behaviour to be spawned. */
    <T> Behavior<T> of(Behavior<T> child) {
        return Behaviors.supervise(Behaviors.<T>setup(context -> started(child, context)))
                .onFailure(Throwable.class, SupervisorStrategy.stop().withLoggingEnabled(false));
    }

    private <T> Behavior<T> started(Behavior<T> child, ActorContext<T> context) {
        try {
            return Behavior.start(child, context);
        } catch (RuntimeException | Error e) {
            startFailure = e;
            throw e;
        }
    }

    /** What it died of; null when it was stopped. */
    @Nullable Throwable causeOf(Terminated signal) {
        return signal instanceof ChildFailed failed ? failed.getCause() : startFailure;
    }
}
