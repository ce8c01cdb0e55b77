package io.chainring.gateway.nbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.gateway.nbd.handshake.Handshake;
import io.chainring.gateway.nbd.protocol.NbdProtocol;
import io.chainring.gateway.nbd.setup.ExportDirectory;
import io.chainring.gateway.nbd.setup.NbdCounters;
import io.chainring.gateway.nbd.setup.NbdExport;
import io.chainring.gateway.nbd.setup.NbdSettings;
import io.chainring.gateway.nbd.setup.TlsMode;
import io.chainring.gateway.nbd.transmission.Transmission;
import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.CompletionSink;
import io.chainring.ring.frontend.RingPort;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.DefaultSelectStrategyFactory;
import io.netty.channel.IoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The transmission phase without sockets, driven by seeded chance: requests of every kind, right and wrong, in any
 * pieces, against a ring and a peer that take their time. Each request gets exactly one reply; memory comes back.
 */
class TransmissionFuzzTest {
    private static final int ROUNDS = 300;
    private static final int DISK_BYTES = 1 << 20;

    private static IoEventLoopGroup loops;

    @BeforeAll
    static void start() {
        loops =
                NbdEventLoops.create(
                        1,
                        new DefaultThreadFactory("fuzz", true),
                        DefaultSelectStrategyFactory.INSTANCE);
    }

    @AfterAll
    static void stop() {
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /** One connection: transmission, disk, and the driver's part in between. */
    private static final class Connection implements CompletionSink, Transmission.Wire {
        private final Random random;
        private final ArrayDeque<Runnable> disksTurn = new ArrayDeque<>();
        private final MemoryDisk disk = new MemoryDisk("d", DISK_BYTES, disksTurn::add);
        private final boolean structured;
        private final ByteBuf output = Unpooled.buffer();
        private final ByteBuf waiting = Unpooled.buffer();
        private final ArrayDeque<Integer> unsent = new ArrayDeque<>();
        private final Handshake handshake;
        private @Nullable Transmission transmission;
        private @Nullable RingPort port;
        private boolean gone;

        Connection(Random random) {
            this.random = random;
            this.structured = random.nextBoolean();
            disk.maxOutstanding(1 + random.nextInt(8));
            disk.poolBytes(1 << (17 + random.nextInt(5)));
            handshake = negotiated();
            disk.openRing(this);
            while (transmission == null) {
                disksTurn.remove().run();
            }
        }

        private Handshake negotiated() {
            NbdExport export = new NbdExport("d", "", DISK_BYTES, false, disk, loops.next());
            ExportDirectory directory =
                    new ExportDirectory() {
                        @Override
                        public List<NbdExport> list() {
                            return List.of(export);
                        }

                        @Override
                        public NbdExport find(String name) {
                            return export;
                        }
                    };
            Handshake shaken =
                    new Handshake(TestServer.settings(""), TlsMode.OFF, directory, () -> false);
            ByteBuf in = Unpooled.buffer();
            in.writeInt(3);
            if (structured) {
                in.writeBytes(
                        TestClient.optionBytes(NbdProtocol.OPT_STRUCTURED_REPLY, new byte[0]));
                in.writeBytes(
                        TestClient.optionBytes(
                                NbdProtocol.OPT_SET_META_CONTEXT,
                                TestClient.contextData("d", "base:allocation")));
            }
            in.writeBytes(TestClient.optionBytes(NbdProtocol.OPT_GO, TestClient.exportData("d")));
            assertEquals(Handshake.Verdict.OPEN, shaken.feed(in, Unpooled.buffer()));
            return shaken;
        }

        @Override
        public void opened(RingPort ring) {
            port = ring;
            NbdSettings settings = TestServer.settings("chainring.nbd.max-payload-size = 128 KiB");
            transmission =
                    new Transmission(
                            handshake.export(),
                            ring,
                            handshake,
                            settings,
                            NbdCounters.NONE,
                            UnpooledByteBufAllocator.DEFAULT,
                            this,
                            () -> false);
        }

        @Override
        public void completed(List<BlockRequest> requests) {
            if (gone) {
                transmission.discard(requests);
            } else {
                transmission.completed(requests);
                transmission.endTurn();
            }
        }

        @Override
        public void closed(String reason) {}

        @Override
        public void write(ByteBuf bytes) {
            if (!gone) {
                output.writeBytes(bytes);
            }
            bytes.release();
        }

        @Override
        public void flush(int replies) {
            unsent.add(replies);
        }

        @Override
        public void roomFreed() {}

        /** Lets the disk, or the peer's reading, go on by one step. */
        void step() {
            if (!disksTurn.isEmpty() && random.nextBoolean()) {
                disksTurn.remove().run();
            } else if (!unsent.isEmpty()) {
                transmission.sent(unsent.remove());
            }
        }

        /** Feeds what is left over and a few new bytes. */
        Transmission.Progress feed(ByteBuf stream) {
            waiting.discardReadBytes();
            waiting.writeBytes(stream, Math.min(stream.readableBytes(), 1 + random.nextInt(3000)));
            ByteBuf direct = transmission.directTarget();
            if (direct != null && random.nextBoolean()) {
                int lengthBytes = Math.min(direct.writableBytes(), waiting.readableBytes());
                direct.writeBytes(waiting, lengthBytes);
                transmission.directReceived(lengthBytes);
                return Transmission.Progress.MORE;
            }
            Transmission.Progress progress = transmission.feed(waiting);
            if (random.nextBoolean() || progress == Transmission.Progress.BLOCKED) {
                transmission.endTurn();
            }
            return progress;
        }

        void finish() {
            transmission.endTurn();
            while (!disksTurn.isEmpty() || !unsent.isEmpty()) {
                step();
            }
        }

        void drop() {
            gone = true;
            transmission.abandon();
            while (!disksTurn.isEmpty()) {
                disksTurn.remove().run();
            }
        }
    }

    private static long seed() {
        long seed = Long.getLong("chainring.seed", System.nanoTime());
        System.out.println("chainring.seed=" + seed);
        return seed;
    }

    @Test
    void everyRequestGetsItsReply() {
        long seed = seed();
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            String where = "seed " + seed + " round " + round;
            Connection connection = new Connection(random);
            ByteBuf stream = Unpooled.buffer();
            Map<Long, Integer> lengths = new HashMap<>();
            int requests = random.nextInt(60);
            for (int i = 0; i < requests; i++) {
                request(random, stream, i, lengths);
            }
            Transmission.Progress progress = Transmission.Progress.MORE;
            while (stream.isReadable()
                    || connection.waiting.isReadable()
                    || progress == Transmission.Progress.BLOCKED) {
                progress = connection.feed(stream);
                assertTrue(
                        progress == Transmission.Progress.MORE
                                || progress == Transmission.Progress.BLOCKED,
                        where + " " + progress);
                connection.step();
            }
            connection.finish();
            assertTrue(connection.transmission.idle(), where);
            checkReplies(connection, lengths, where);
            assertEquals(0, connection.port.payloads().usedBytes(), where);
        }
    }

    private static void request(
            Random random, ByteBuf stream, long cookie, Map<Long, Integer> lengths) {
        int type = random.nextInt(9);
        if (type == NbdProtocol.CMD_DISC) {
            type = NbdProtocol.CMD_WRITE;
        }
        int flags = random.nextInt(3) == 0 ? 1 << random.nextInt(16) : 0;
        long offset =
                random.nextInt(DISK_BYTES / 512 + 8) * 512L
                        + (random.nextBoolean() ? random.nextInt(512) : 0);
        int length = random.nextBoolean() ? random.nextInt(40) * 512 : random.nextInt(3000);
        if (random.nextInt(10) == 0) {
            length = random.nextInt(200_000);
        }
        if (random.nextInt(20) == 0) {
            offset = random.nextLong();
        }
        if (type == NbdProtocol.CMD_FLUSH && random.nextBoolean()) {
            offset = 0;
            length = 0;
        }
        byte[] payload = new byte[type == NbdProtocol.CMD_WRITE ? length : 0];
        stream.writeBytes(TestClient.requestBytes(flags, type, cookie, offset, length, payload));
        lengths.put(cookie, type == NbdProtocol.CMD_READ ? length : 0);
    }

    private static void checkReplies(
            Connection connection, Map<Long, Integer> lengths, String where) {
        ByteBuf out = connection.output;
        while (out.isReadable()) {
            int magic = out.readInt();
            long cookie;
            if (magic == NbdProtocol.SIMPLE_REPLY_MAGIC) {
                int error = out.readInt();
                cookie = out.readLong();
                Integer lengthBytes = lengths.remove(cookie);
                assertTrue(lengthBytes != null, where + ": second reply to " + cookie);
                assertTrue(
                        !connection.structured || lengthBytes == 0,
                        where + ": simple reply to a read");
                out.skipBytes(error == 0 ? lengthBytes : 0);
            } else {
                assertEquals(NbdProtocol.STRUCTURED_REPLY_MAGIC, magic, where);
                assertTrue(connection.structured, where);
                boolean done = out.readShort() == NbdProtocol.REPLY_FLAG_DONE;
                int type = out.readUnsignedShort();
                cookie = out.readLong();
                int lengthBytes = out.readInt();
                out.skipBytes(lengthBytes);
                Integer asked = lengths.remove(cookie);
                assertTrue(asked != null, where + ": second reply to " + cookie);
                if (type == NbdProtocol.REPLY_TYPE_OFFSET_DATA) {
                    int restBytes = asked + 8 - lengthBytes;
                    assertEquals(done, restBytes == 0, where);
                    if (!done) {
                        lengths.put(cookie, restBytes);
                    }
                } else {
                    assertTrue(done, where);
                }
            }
        }
        assertEquals(Map.of(), lengths, where + ": without a reply");
    }

    @Test
    void noiseEndsTheConnectionAndNothingElse() {
        long seed = seed();
        Random random = new Random(seed);
        int disconnected = 0;
        for (int round = 0; round < ROUNDS; round++) {
            String where = "seed " + seed + " round " + round;
            Connection connection = new Connection(random);
            ByteBuf stream = Unpooled.buffer();
            for (int i = random.nextInt(20); i >= 0; i--) {
                request(random, stream, i, new HashMap<>());
            }
            for (int i = random.nextInt(6); i >= 0; i--) {
                stream.setByte(random.nextInt(stream.readableBytes()), random.nextInt());
            }
            Transmission.Progress progress = Transmission.Progress.MORE;
            for (int i = 0; i < 4000 && progress != Transmission.Progress.DISCONNECT; i++) {
                if (progress == Transmission.Progress.END) {
                    break;
                }
                progress = connection.feed(stream);
                connection.step();
            }
            if (progress == Transmission.Progress.DISCONNECT) {
                disconnected++;
            }
            connection.drop();
            assertEquals(0, connection.port.payloads().usedBytes(), where);
        }
        assertTrue(disconnected > 0, "no round met a broken request");
    }
}
