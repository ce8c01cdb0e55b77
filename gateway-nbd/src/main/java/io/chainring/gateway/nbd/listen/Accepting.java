package io.chainring.gateway.nbd.listen;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first handler of a listening channel whose auto-read is off: asks for one client at a time, leaves the last
 * descriptors to others, and waits when there are none (EMFILE, ENFILE, ENOBUFS; accept(2)).
 *
 * <p>Why not by {@code read()} alone: when accepting fails, Netty keeps the request to read, and the kernel goes on
 * saying that somebody is there, so the loop would fail again at once, for ever. Auto-read that goes on and off takes the
 * request back.
 */
public final class Accepting extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(Accepting.class);

    /** Who gets what is accepted. */
    public interface Taker {
        /** True when another client may be accepted; otherwise the callback runs once when that may have changed. */
        boolean mayAccept(Runnable whenRoom);

        /** A client is there, on no loop yet. */
        void accepted(ChannelHandlerContext listener, Channel client);

        /** Accepting begins to wait for descriptors. */
        default void paused() {}
    }

    private final String name;
    private final Descriptors descriptors;
    private final int reserve;
    private final Taker taker;
    private final AcceptPauseCore pause = new AcceptPauseCore();
    private boolean asked;
    private boolean waits;
    private boolean waitsForRoom;

    /**
     * @param name of the listener, for the log
     * @param reserve descriptors that it leaves to others
     */
    public Accepting(String name, Descriptors descriptors, int reserve, Taker taker) {
        this.name = name;
        this.descriptors = descriptors;
        this.reserve = reserve;
        this.taker = taker;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.fireChannelActive();
        next(ctx);
    }

    private void next(ChannelHandlerContext ctx) {
        if (asked || waits || waitsForRoom || !ctx.channel().isActive()) {
            return;
        }
        if (!taker.mayAccept(() -> roomAgain(ctx))) {
            waitsForRoom = true;
            return;
        }
        if (!descriptors.take(reserve)) {
            pause(ctx, "fewer than " + reserve + " are left, which are kept for others");
            return;
        }
        asked = true;
        ctx.read();
    }

    /** On any thread, and maybe behind the end of the listener's loop. */
    private void roomAgain(ChannelHandlerContext ctx) {
        try {
            ctx.channel()
                    .eventLoop()
                    .execute(
                            () -> {
                                waitsForRoom = false;
                                next(ctx);
                            });
        } catch (RejectedExecutionException ended) {
            LOG.debug("{} has ended: nobody is accepted any more", name, ended);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        asked = false;
        pause.accepted();
        taker.accepted(ctx, (Channel) message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.fireChannelReadComplete();
        next(ctx);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        asked = false;
        ctx.channel().config().setAutoRead(true);
        ctx.channel().config().setAutoRead(false);
        pause(ctx, cause.getMessage());
    }

    private void pause(ChannelHandlerContext ctx, @Nullable String why) {
        AcceptPauseCore.Pause now = pause.failed(millis());
        if (now.begins()) {
            LOG.warn(
                    "{} accepts no clients for now, those who come wait: descriptors are short: {}. At most {} files"
                            + " may be open (ulimit -n, LimitNOFILE)",
                    name,
                    why,
                    Descriptors.limit());
            taker.paused();
            lookWhetherOver(ctx);
        }
        waits = true;
        var unused =
                ctx.channel()
                        .eventLoop()
                        .schedule(
                                () -> {
                                    waits = false;
                                    next(ctx);
                                },
                                now.waitMillis(),
                                TimeUnit.MILLISECONDS);
    }

    private void lookWhetherOver(ChannelHandlerContext ctx) {
        var unused =
                ctx.channel()
                        .eventLoop()
                        .schedule(
                                () -> {
                                    if (pause.over(millis())) {
                                        LOG.info(
                                                "{} accepts clients again; descriptors were short for {} s, {} waits",
                                                name,
                                                pause.lastedMillis() / 1000,
                                                pause.failures());
                                    } else if (ctx.channel().isActive()) {
                                        lookWhetherOver(ctx);
                                    }
                                },
                                AcceptPauseCore.QUIET_MILLIS,
                                TimeUnit.MILLISECONDS);
    }

    private static long millis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }
}
