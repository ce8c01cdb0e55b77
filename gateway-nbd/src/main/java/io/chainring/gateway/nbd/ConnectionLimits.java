package io.chainring.gateway.nbd;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts connections against {@link NbdSettings#maxConnections} and {@link NbdSettings#maxHandshakingConnections}.
 * At a limit listeners stop accepting; each may be one connection ahead of the others' count. Thread-safe.
 */
final class ConnectionLimits {
    private final int maxConnections;
    private final int maxHandshaking;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger handshaking = new AtomicInteger();
    private final List<Runnable> waiting = new ArrayList<>();

    ConnectionLimits(NbdSettings settings) {
        this.maxConnections = settings.maxConnections();
        this.maxHandshaking = settings.maxHandshakingConnections();
    }

    int connections() {
        return connections.get();
    }

    /** A client was accepted: it occupies a place, and one of those for handshakes. */
    Place take() {
        connections.incrementAndGet();
        handshaking.incrementAndGet();
        return new Place();
    }

    /** True when another client may be accepted; otherwise the callback runs once when a place has become free. */
    boolean mayAccept(Runnable whenFree) {
        if (hasRoom()) {
            return true;
        }
        synchronized (waiting) {
            waiting.add(whenFree);
        }
        if (hasRoom()) {
            // A place became free in between: whoever removes the callback acts on it.
            synchronized (waiting) {
                return waiting.remove(whenFree);
            }
        }
        return false;
    }

    private boolean hasRoom() {
        return connections.get() < maxConnections && handshaking.get() < maxHandshaking;
    }

    private void wake() {
        if (!hasRoom()) {
            return;
        }
        List<Runnable> all;
        synchronized (waiting) {
            all = new ArrayList<>(waiting);
            waiting.clear();
        }
        all.forEach(Runnable::run);
    }

    /** What one connection occupies. Used by one thread at a time. */
    final class Place {
        private boolean inHandshake = true;
        private boolean held = true;

        /** The connection serves a disk now. */
        void handshakeDone() {
            if (inHandshake) {
                inHandshake = false;
                handshaking.decrementAndGet();
                wake();
            }
        }

        /** The connection haggles again. */
        void handshakeAgain() {
            if (!inHandshake && held) {
                inHandshake = true;
                handshaking.incrementAndGet();
            }
        }

        /** The connection is gone. */
        void leave() {
            if (held) {
                held = false;
                connections.decrementAndGet();
                handshakeDone();
                wake();
            }
        }
    }
}
