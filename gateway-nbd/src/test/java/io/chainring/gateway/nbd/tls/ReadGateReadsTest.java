package io.chainring.gateway.nbd.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a gate leaves out while something is computed comes afterwards, whoever switched reading on. */
class ReadGateReadsTest {
    @Test
    void readingThatOthersSwitchOnMeanwhileComesAfterwards() {
        AtomicInteger reads = new AtomicInteger();
        EmbeddedChannel channel =
                new EmbeddedChannel(
                        new ChannelOutboundHandlerAdapter() {
                            @Override
                            public void read(ChannelHandlerContext ctx) {
                                reads.incrementAndGet();
                                ctx.read();
                            }
                        });
        ReadGate gate = new ReadGate(channel);
        channel.pipeline().addLast(gate);
        gate.begun();
        reads.set(0);
        channel.config().setAutoRead(true);
        assertEquals(0, reads.get());
        gate.ended();
        assertEquals(1, reads.get());
        channel.finishAndReleaseAll();
    }
}
