package io.chainring.gateway.nbd.connection;

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
    private final Connection connection;
    private final RequestHandler requests;

    LoopSink(EventLoop loop, Connection connection, RequestHandler requests) {
        this.loop = loop;
        this.connection = connection;
        this.requests = requests;
    }

    @Override
    public void opened(RingPort port) {
        onLoop(() -> connection.ringOpened(port));
    }

    @Override
    public void completed(List<BlockRequest> done) {
        if (loop.inEventLoop()) {
            requests.reply(done);
        } else {
            loop.execute(() -> requests.reply(done));
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
