package io.chainring.node.cli;

import io.chainring.node.service.Node;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/**
 * SIGTERM and SIGINT as requests to end: the first in order, the second in a hurry. Java's own handler would end the
 * process with exit code 143 whatever was done.
 */
final class Shutdown {
    private static final Logger LOG = LoggerFactory.getLogger(Shutdown.class);

    private final CountDownLatch asked = new CountDownLatch(1);
    private final AtomicReference<@Nullable Node> node = new AtomicReference<>();

    private Shutdown() {}

    /** From now on signals come here. */
    static Shutdown install() {
        Shutdown shutdown = new Shutdown();
        for (String name : new String[] {"TERM", "INT"}) {
            Signal.handle(new Signal(name), shutdown::arrived);
        }
        return shutdown;
    }

    private void arrived(Signal signal) {
        if (asked.getCount() > 0) {
            LOG.info("SIG{}: finishing what is in flight; again to end at once", signal.getName());
            asked.countDown();
        } else {
            LOG.warn("SIG{} again: not waiting any longer", signal.getName());
            Node present = node.get();
            if (present != null) {
                present.hurry();
            }
        }
    }

    /** Waits for the first signal. */
    void await(Node running) throws InterruptedException {
        node.set(running);
        asked.await();
    }
}
