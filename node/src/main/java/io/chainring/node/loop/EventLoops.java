package io.chainring.node.loop;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.chainring.gateway.nbd.NbdEventLoops;
import io.netty.channel.DefaultSelectStrategyFactory;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.SelectStrategyFactory;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.setup.Setup;

/**
 * The event loops of a node: on each one live whole disks, with their sockets, actors and journal ("a disk lives on
 * one loop"). Each loop is also a Pekko dispatcher, whose configuration is made here.
 *
 * <pre>
 *   loop 0  --- epoll: connections of its disks
 *           \-- dispatcher chainring.node.loop-dispatchers.loop-0: Frontends, Backends, Hosts, journals
 *   loop 1  --- ...
 * </pre>
 *
 * Close them after the ActorSystem has terminated.
 */
public final class EventLoops implements AutoCloseable {
    private static final String DISPATCHERS = "chainring.node.loop-dispatchers";
    private static final long CLOSE_LIMIT_MILLIS = 2000;

    private final LoopSettings settings;
    private final IoEventLoopGroup group;
    private final List<IoEventLoop> loops = new ArrayList<>();

    private EventLoops(LoopSettings settings, IoEventLoopGroup group) {
        this.settings = settings;
        this.group = group;
        for (EventExecutor executor : group) {
            loops.add((IoEventLoop) executor);
        }
    }

    /** Starts the loops. */
    public static EventLoops create(LoopSettings settings) {
        return new EventLoops(
                settings,
                NbdEventLoops.create(
                        settings.loops(),
                        new DefaultThreadFactory("chainring-loop"),
                        waiting(settings)));
    }

    private static SelectStrategyFactory waiting(LoopSettings settings) {
        if (settings.spin() == LoopSettings.Spin.OFF) {
            return DefaultSelectStrategyFactory.INSTANCE;
        }
        long nanos = TimeUnit.MICROSECONDS.toNanos(settings.spinMicros());
        boolean adaptive = settings.spin() == LoopSettings.Spin.ADAPTIVE;
        return () -> new SpinningSelect(nanos, adaptive, System::nanoTime);
    }

    /** All loops as the group that they are. */
    public IoEventLoopGroup group() {
        return group;
    }

    /** Number of loops. */
    public int count() {
        return loops.size();
    }

    /**
     * One loop.
     *
     * @param index from 0 to {@link #count} - 1
     */
    public IoEventLoop loop(int index) {
        return loops.get(index);
    }

    /** Path of the dispatcher over a loop. */
    public static String dispatcherPath(int index) {
        return DISPATCHERS + ".loop-" + index;
    }

    /** Configuration of all dispatchers over loops. */
    public Config dispatchers() {
        Map<String, Object> all = new HashMap<>();
        for (int i = 0; i < loops.size(); i++) {
            all.put(
                    "loop-" + i,
                    Map.of(
                            "type",
                            "Dispatcher",
                            "executor",
                            LoopExecutorConfigurator.class.getName(),
                            "loop",
                            i,
                            "throughput",
                            settings.throughputMessages(),
                            "shutdown-timeout",
                            "1 s"));
        }
        return ConfigFactory.parseMap(all, "event loops of this node").atPath(DISPATCHERS);
    }

    /** What an ActorSystem needs beside {@link #dispatchers}. */
    public Setup setup() {
        return new LoopSetup(loops);
    }

    /** Ends the loops and waits for that, for a bounded time. */
    @Override
    public void close() {
        group.shutdownGracefully(0, CLOSE_LIMIT_MILLIS, TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(CLOSE_LIMIT_MILLIS, TimeUnit.MILLISECONDS);
    }
}
