package io.chainring.persistence.dispatch;

import com.typesafe.config.Config;
import io.chainring.base.settings.Settings;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.dispatch.DispatcherPrerequisites;
import org.apache.pekko.dispatch.ExecutorServiceConfigurator;
import org.apache.pekko.dispatch.ExecutorServiceFactory;

/**
 * Executor of a dispatcher whose actors run on the threads that send to them; named in the configuration as {@code
 * executor}. See {@code chainring.persistence.leveldb.caller-dispatcher} in {@code reference.conf}.
 */
public final class CallerRunsConfigurator extends ExecutorServiceConfigurator {
    private static final int MOST_THREADS = 1024;

    private final int threads;

    /**
     * Called by Pekko.
     *
     * @param config the dispatcher's block; {@code caller-runs.threads} says how many threads there are for what does not
     *     run on the caller's
     */
    public CallerRunsConfigurator(Config config, DispatcherPrerequisites prerequisites) {
        super(config, prerequisites);
        this.threads =
                Settings.of(config, config.getString("id"))
                        .number("caller-runs.threads", 1, MOST_THREADS);
    }

    @Override
    public ExecutorServiceFactory createExecutorServiceFactory(
            String id, ThreadFactory threadFactory) {
        return () -> {
            // The queue holds each actor of the dispatcher at most once.
            ThreadPoolExecutor others =
                    new ThreadPoolExecutor(
                            threads,
                            threads,
                            10,
                            TimeUnit.SECONDS,
                            new LinkedBlockingQueue<>(),
                            threadFactory);
            others.allowCoreThreadTimeOut(true);
            return new CallerRunsExecutor(others);
        };
    }
}
