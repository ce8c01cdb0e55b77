package io.chainring.persistence.journal;

import com.typesafe.config.Config;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.dispatch.DispatcherPrerequisites;
import org.apache.pekko.dispatch.ExecutorServiceConfigurator;
import org.apache.pekko.dispatch.ExecutorServiceFactory;

/** A dispatcher that runs nothing, as one that was shut down. */
public final class RejectingConfigurator extends ExecutorServiceConfigurator {
    static final String CONFIG =
            "rejecting { type = Dispatcher, executor = \""
                    + RejectingConfigurator.class.getName()
                    + "\" }\nchainring.persistence.leveldb.journal.replay-dispatcher = rejecting";

    public RejectingConfigurator(Config config, DispatcherPrerequisites prerequisites) {
        super(config, prerequisites);
    }

    @Override
    public ExecutorServiceFactory createExecutorServiceFactory(
            String id, ThreadFactory threadFactory) {
        return Rejecting::new;
    }

    private static final class Rejecting extends AbstractExecutorService {
        private volatile boolean shutDown;

        @Override
        public void execute(Runnable command) {
            throw new RejectedExecutionException("injected");
        }

        @Override
        public void shutdown() {
            shutDown = true;
        }

        @Override
        public List<Runnable> shutdownNow() {
            shutDown = true;
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return shutDown;
        }

        @Override
        public boolean isTerminated() {
            return shutDown;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return shutDown;
        }
    }
}
