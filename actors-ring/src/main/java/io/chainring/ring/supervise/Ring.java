package io.chainring.ring.supervise;

import io.chainring.ring.frontend.FrontendCommand;
import io.chainring.ring.frontend.FrontendCore;
import io.chainring.ring.frontend.LocalRing;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/**
 * One ring's memory and frontend, which its supervisor holds until the ring is gone: it outlives backend and executor.
 * What becomes of it is decided in {@link SupervisorCore}.
 */
final class Ring extends LocalRing {
    private @Nullable ActorRef<FrontendCommand> frontend;

    Ring(long ringId, FrontendCore core) {
        super(ringId, core);
    }

    void frontend(ActorRef<FrontendCommand> started) {
        frontend = started;
    }

    void tell(FrontendCommand command) {
        ActorRef<FrontendCommand> present = frontend;
        if (present != null) {
            present.tell(command);
        }
    }

    @Override
    public void inform() {
        tell(FrontendCommand.Inform.INSTANCE);
    }
}
