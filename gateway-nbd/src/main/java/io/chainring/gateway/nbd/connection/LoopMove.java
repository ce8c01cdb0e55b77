package io.chainring.gateway.nbd.connection;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.function.Consumer;

/** Moves a channel, whose reading is switched off, from the loop it is on to another. */
final class LoopMove {
    private LoopMove() {}

    /**
     * @param arrived called on the new loop; at once when the channel is there already
     * @param failed called instead when the channel closed on the way, or the loop takes none
     */
    static void move(Channel channel, EventLoop to, Runnable arrived, Consumer<Throwable> failed) {
        if (channel.eventLoop() == to) {
            arrived.run();
            return;
        }
        // Registers in any case: a channel that closed meanwhile is refused there, and says so.
        var unused = channel.deregister().addListener(left -> enter(channel, to, arrived, failed));
    }

    private static void enter(
            Channel channel, EventLoop to, Runnable arrived, Consumer<Throwable> failed) {
        var unused =
                to.register(channel)
                        .addListener(
                                registered -> {
                                    if (registered.isSuccess()) {
                                        arrived.run();
                                    } else {
                                        failed.accept(registered.cause());
                                    }
                                });
    }
}
