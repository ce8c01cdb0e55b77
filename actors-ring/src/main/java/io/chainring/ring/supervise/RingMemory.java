package io.chainring.ring.supervise;

import com.typesafe.config.Config;
import io.chainring.ring.slab.SlabPool;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Extension;
import org.apache.pekko.actor.typed.ExtensionId;

/** The payload memory that all rings of an ActorSystem share: {@code chainring.ring.memory-budget}. */
public final class RingMemory implements Extension {
    private static final Id ID = new Id();

    private final SlabPool slabs;

    private static final class Id extends ExtensionId<RingMemory> {
        @Override
        public RingMemory createExtension(ActorSystem<?> system) {
            return new RingMemory(system);
        }
    }

    private RingMemory(ActorSystem<?> system) {
        Config config = system.settings().config();
        slabs =
                new SlabPool(
                        RingSettings.memoryBudgetBytes(config),
                        RingSettings.guaranteedRings(config));
    }

    /** The ActorSystem's. */
    public static RingMemory get(ActorSystem<?> system) {
        return ID.apply(system);
    }

    /** What its rings take from. */
    public SlabPool slabs() {
        return slabs;
    }
}
