package io.chainring.node.chaos;

import io.chainring.chaos.Chaos;
import sun.misc.Signal;

/** Ctrl-C ends a run in order; a second time it ends the process. */
final class Ending {
    private static final int INTERRUPTED = 130;

    private final Chaos chaos;
    private boolean asked;

    private Ending(Chaos chaos) {
        this.chaos = chaos;
    }

    static void install(Chaos chaos) {
        Ending ending = new Ending(chaos);
        for (String name : new String[] {"INT", "TERM"}) {
            Signal.handle(new Signal(name), signal -> ending.arrived());
        }
    }

    private synchronized void arrived() {
        if (asked) {
            // The hook of the child ends it.
            System.exit(INTERRUPTED);
        }
        asked = true;
        chaos.stop();
    }
}
