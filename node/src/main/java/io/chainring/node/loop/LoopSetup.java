package io.chainring.node.loop;

import io.netty.channel.IoEventLoop;
import java.util.List;
import org.apache.pekko.actor.setup.Setup;

/** Carries the event loops into an ActorSystem, where {@link LoopExecutorConfigurator} finds them. */
final class LoopSetup extends Setup {
    private final List<IoEventLoop> loops;

    LoopSetup(List<IoEventLoop> loops) {
        this.loops = List.copyOf(loops);
    }

    IoEventLoop loop(int index) {
        if (index < 0 || index >= loops.size()) {
            throw new IllegalArgumentException(
                    "event loop " + index + ": there are " + loops.size() + ", counted from 0");
        }
        return loops.get(index);
    }
}
