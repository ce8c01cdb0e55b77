package io.chainring.gateway.nbd;

import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.CompletionSink;
import io.chainring.ring.frontend.RingPort;
import io.netty.channel.EventLoop;
import java.util.List;

/**
 * Brings the calls of a ring to its connection's loop: straight through when the ring lives there, which is the rule,
 * else as a task.
 */
final class LoopSink implements CompletionSink {
    private final EventLoop loop;
    private final DiskConnection connection;

    LoopSink(EventLoop loop, DiskConnection connection) {
        this.loop = loop;
        this.connection = connection;
    }

    @Override
    public void opened(RingPort port) {
        onLoop(() -> connection.startServing(port));
    }

    @Override
    public void completed(List<BlockRequest> requests) {
        if (loop.inEventLoop()) {
            connection.reply(requests);
        } else {
            loop.execute(() -> connection.reply(requests));
        }
    }

    @Override
    public void closed(String reason) {
        onLoop(() -> connection.ringClosed(reason));
    }

    private void onLoop(Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
        } else {
            loop.execute(task);
        }
    }
}
