package io.chainring.gateway.nbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Any bytes, in any pieces: the handshake answers in the protocol's form, keeps its limits and never throws. */
class HandshakeFuzzTest {
    private static final int ROUNDS = 4000;

    private static final NbdSettings WITHOUT_TLS = TestServer.settings("");
    private static final NbdSettings WITH_TLS =
            TestServer.settings(
                    "chainring.nbd.tls { certificate = c, private-key = k, mode = on }");

    private static IoEventLoopGroup loops;
    private static ExportDirectory directory;

    @BeforeAll
    static void exports() {
        loops =
                NbdEventLoops.create(
                        1,
                        new DefaultThreadFactory("fuzz", true),
                        DefaultSelectStrategyFactory.INSTANCE);
        MemoryDisk disk = new MemoryDisk("a", 1 << 20, Runnable::run);
        NbdExport export = new NbdExport("a", "text", 1 << 20, false, disk, loops.next());
        directory =
                new ExportDirectory() {
                    @Override
                    public List<NbdExport> list() {
                        return List.of(export);
                    }

                    @Override
                    public @Nullable NbdExport find(String name) {
                        return name.equals("a") ? export : null;
                    }
                };
    }

    @AfterAll
    static void stop() {
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void anyBytesInAnyPieces() {
        long seed = Long.getLong("chainring.seed", System.nanoTime());
        System.out.println("chainring.seed=" + seed);
        Random random = new Random(seed);
        int opened = 0;
        for (int round = 0; round < ROUNDS; round++) {
            opened += haggle(random, "seed " + seed + " round " + round);
        }
        assertTrue(opened > ROUNDS / 100, "only " + opened + " handshakes came to their end");
    }

    private static int haggle(Random random, String where) {
        NbdSettings settings = random.nextBoolean() ? WITH_TLS : WITHOUT_TLS;
        Handshake handshake =
                new Handshake(settings, settings.tls().mode(), directory, () -> false);
        ByteBuf stream = conversation(random);
        ByteBuf in = Unpooled.buffer();
        ByteBuf out = Unpooled.buffer();
        int opened = 0;
        while (stream.isReadable()) {
            in.writeBytes(stream, Math.min(stream.readableBytes(), 1 + random.nextInt(40)));
            Handshake.Verdict verdict = handshake.feed(in, out);
            assertTrue(in.readableBytes() <= settings.maxOptionBytes() + 16, where);
            checkReplies(out, where);
            if (verdict == Handshake.Verdict.CLOSE) {
                return opened;
            } else if (verdict == Handshake.Verdict.START_TLS) {
                handshake.tlsStarted();
            } else if (verdict == Handshake.Verdict.OPEN) {
                opened++;
                if (random.nextBoolean()) {
                    handshake.opened(1 << 20, 1 << 20, out);
                    assertTrue(out.readableBytes() >= 10, where);
                    return opened;
                }
                if (handshake.refused("busy", out) == Handshake.Verdict.CLOSE) {
                    return opened;
                }
            }
        }
        return opened;
    }

    /** Mostly well-formed, with a few bytes changed, cut or added. */
    private static ByteBuf conversation(Random random) {
        ByteBuf stream = Unpooled.buffer();
        stream.writeInt(random.nextInt(10) == 0 ? random.nextInt() : random.nextInt(4));
        for (int i = random.nextInt(8); i >= 0; i--) {
            stream.writeBytes(option(random));
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            stream.setByte(random.nextInt(stream.readableBytes()), random.nextInt());
        }
        if (random.nextInt(4) == 0) {
            byte[] noise = new byte[random.nextInt(200)];
            random.nextBytes(noise);
            stream.writeBytes(noise);
        }
        return stream;
    }

    private static ByteBuffer option(Random random) {
        int option = random.nextInt(13);
        byte[] data =
                switch (option) {
                    case NbdProtocol.OPT_EXPORT_NAME ->
                            name(random).getBytes(StandardCharsets.UTF_8);
                    case NbdProtocol.OPT_INFO, NbdProtocol.OPT_GO ->
                            TestClient.exportData(name(random));
                    case NbdProtocol.OPT_LIST_META_CONTEXT, NbdProtocol.OPT_SET_META_CONTEXT ->
                            TestClient.contextData(
                                    name(random), "base:allocation", "x:" + name(random));
                    default -> new byte[random.nextInt(8) == 0 ? random.nextInt(70_000) : 0];
                };
        return TestClient.optionBytes(option, data);
    }

    private static String name(Random random) {
        return random.nextBoolean() ? "a" : "n".repeat(random.nextInt(300));
    }

    private static void checkReplies(ByteBuf out, String where) {
        while (out.isReadable()) {
            assertEquals(NbdProtocol.OPTION_REPLY_MAGIC, out.readLong(), where);
            out.readInt();
            out.readInt();
            out.skipBytes(out.readInt());
        }
    }
}
