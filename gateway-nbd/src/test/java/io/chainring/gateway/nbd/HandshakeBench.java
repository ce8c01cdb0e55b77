package io.chainring.gateway.nbd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chainring.gateway.nbd.handshake.Handshake;
import io.chainring.gateway.nbd.protocol.NbdProtocol;
import io.chainring.gateway.nbd.setup.ExportDirectory;
import io.chainring.gateway.nbd.setup.NbdExport;
import io.chainring.gateway.nbd.setup.NbdSettings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultSelectStrategyFactory;
import io.netty.channel.IoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** A handshake without a server, fed with bytes. */
abstract class HandshakeBench {
    private static IoEventLoopGroup loops;

    final List<NbdExport> exports = new ArrayList<>();
    boolean shuttingDown;
    Handshake handshake;

    @BeforeAll
    static void startLoop() {
        loops =
                NbdEventLoops.create(
                        1,
                        new DefaultThreadFactory("handshake-test", true),
                        DefaultSelectStrategyFactory.INSTANCE);
    }

    @AfterAll
    static void stopLoop() {
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @BeforeEach
    void begin() {
        exports.add(export("a", false));
        exports.add(export("b", true));
        handshake = handshake("");
    }

    static NbdExport export(String name, boolean readOnly) {
        return new NbdExport(
                name,
                "disk " + name,
                1 << 20,
                readOnly,
                new MemoryDisk(name, 1 << 20, Runnable::run),
                loops.next());
    }

    final Handshake handshake(String settings) {
        NbdSettings read = TestServer.settings(settings);
        return new Handshake(read, read.tls().mode(), directory(), () -> shuttingDown);
    }

    private ExportDirectory directory() {
        return new ExportDirectory() {
            @Override
            public List<NbdExport> list() {
                return exports;
            }

            @Override
            public NbdExport find(String name) {
                return exports.stream().filter(e -> e.name().equals(name)).findFirst().orElse(null);
            }
        };
    }

    record Step(Handshake.Verdict verdict, ByteBuf out, ByteBuf rest) {
        /** The reply types, in order. */
        List<Integer> types() {
            List<Integer> types = new ArrayList<>();
            ByteBuf copy = out.duplicate();
            while (copy.isReadable()) {
                assertEquals(NbdProtocol.OPTION_REPLY_MAGIC, copy.readLong());
                copy.skipBytes(4);
                types.add(copy.readInt());
                copy.skipBytes(copy.readInt());
            }
            return types;
        }
    }

    final Step feed(ByteBuffer... pieces) {
        ByteBuf in = Unpooled.buffer();
        Arrays.stream(pieces).forEach(in::writeBytes);
        ByteBuf out = Unpooled.buffer();
        return new Step(handshake.feed(in, out), out, in);
    }

    static ByteBuffer flags(int flags) {
        return ByteBuffer.allocate(4).putInt(flags).flip();
    }

    final void haggle() {
        assertEquals(Handshake.Verdict.MORE, feed(flags(3)).verdict());
    }

    static ByteBuffer option(int option, byte... data) {
        return TestClient.optionBytes(option, data);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
