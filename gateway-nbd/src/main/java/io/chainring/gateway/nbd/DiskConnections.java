package io.chainring.gateway.nbd;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The connections of one disk, all on the disk's loop: the place where invariant I9 (no stale replay) is kept.
 *
 * <p>A client that lost its connection opens another one and sends again what was unanswered. So before a connection
 * may open its ring, all others are read up to what has arrived. Those that turn out closed give up their ring first:
 * what of theirs was unread or unbegun never executes, and the ring service opens the new ring only when what had begun
 * is finished. Those that said goodbye (DISC) with requests under way are waited for.
 */
final class DiskConnections {
    private final EventLoop loop;
    private final Duration settleTime;
    private final Runnable whenEmpty;
    private final List<DiskConnection> open = new ArrayList<>();
    private final ArrayDeque<DiskConnection> waiting = new ArrayDeque<>();
    private boolean advancing;
    private boolean settling;

    DiskConnections(EventLoop loop, Duration settleTime, Runnable whenEmpty) {
        this.loop = loop;
        this.settleTime = settleTime;
        this.whenEmpty = whenEmpty;
    }

    /** A connection asks to open its ring. */
    void admit(DiskConnection connection) {
        waiting.add(connection);
        advance(false);
    }

    /** A connection is gone, or goes back to its handshake. */
    void remove(DiskConnection connection) {
        open.remove(connection);
        waiting.remove(connection);
        if (!waiting.isEmpty()) {
            loop.execute(() -> advance(false));
        } else if (open.isEmpty()) {
            whenEmpty.run();
        }
    }

    /** A connection that takes no more has nothing in its ring any more. */
    void finished() {
        if (!waiting.isEmpty()) {
            loop.execute(() -> advance(false));
        }
    }

    private void advance(boolean settled) {
        if (advancing || (settling && !settled)) {
            return;
        }
        advancing = true;
        try {
            while (!waiting.isEmpty() && othersAreRead(settled)) {
                DiskConnection next = waiting.remove();
                open.add(next);
                next.openRing();
            }
        } finally {
            advancing = false;
        }
    }

    /** True when every open connection has been read up to what has arrived and none is still finishing. */
    private boolean othersAreRead(boolean settled) {
        List<DiskConnection> unread = new ArrayList<>();
        for (DiskConnection other : List.copyOf(open)) {
            if (!other.readArrived()) {
                unread.add(other);
            }
        }
        if (!unread.isEmpty() && !settled) {
            settle(unread);
            return false;
        }
        return open.stream().noneMatch(DiskConnection::finishing);
    }

    /** Without native epoll a socket cannot be read on the spot: give the ordinary way some time. */
    private void settle(List<DiskConnection> unread) {
        settling = true;
        unread.forEach(each -> each.settle(true));
        var unused =
                loop.schedule(
                        () -> {
                            settling = false;
                            unread.forEach(each -> each.settle(false));
                            advance(true);
                        },
                        settleTime.toMillis(),
                        TimeUnit.MILLISECONDS);
    }
}
