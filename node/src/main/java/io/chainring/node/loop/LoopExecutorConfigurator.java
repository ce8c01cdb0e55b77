package io.chainring.node.loop;

import com.typesafe.config.Config;
import io.netty.channel.IoEventLoop;
import java.util.concurrent.ThreadFactory;
import org.apache.pekko.dispatch.DispatcherPrerequisites;
import org.apache.pekko.dispatch.ExecutorServiceConfigurator;
import org.apache.pekko.dispatch.ExecutorServiceFactory;

/**
 * Makes a Pekko dispatcher run on one of the node's event loops: {@code executor} of a dispatcher whose {@code loop}
 * says which one. The loops come with the ActorSystem as its {@link LoopSetup}.
 */
public final class LoopExecutorConfigurator extends ExecutorServiceConfigurator {
    private final IoEventLoop loop;

    /** Called by Pekko with the dispatcher's configuration. */
    public LoopExecutorConfigurator(Config config, DispatcherPrerequisites prerequisites) {
        super(config, prerequisites);
        int index = config.getInt("loop");
        LoopSetup setup =
                prerequisites
                        .settings()
                        .setup()
                        .get(LoopSetup.class)
                        .orElseThrow(
                                () ->
                                        new IllegalStateException(
                                                "a dispatcher wants event loop "
                                                        + index
                                                        + ", and the ActorSystem was made without any"));
        this.loop = setup.loop(index);
    }

    @Override
    public ExecutorServiceFactory createExecutorServiceFactory(
            String dispatcherId, ThreadFactory threads) {
        return () -> new LoopExecutor(loop);
    }
}
