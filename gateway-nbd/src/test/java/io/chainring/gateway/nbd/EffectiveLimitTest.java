package io.chainring.gateway.nbd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.chainring.gateway.nbd.protocol.NbdErrors;
import io.chainring.gateway.nbd.protocol.NbdProtocol;
import io.chainring.gateway.nbd.setup.ExportDirectory;
import io.chainring.gateway.nbd.setup.NbdCounters;
import io.chainring.gateway.nbd.setup.NbdExport;
import io.chainring.host.embed.Chainring;
import io.chainring.host.embed.EmbeddedDisk;
import io.netty.channel.DefaultSelectStrategyFactory;
import io.netty.channel.IoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The largest payload of a request is max-payload-size, in every advertisement and in what is served, however little its
 * ring takes at once.
 */
class EffectiveLimitTest {
    private static final int DISK_BYTES = 72 << 20;

    @TempDir Path folder;

    private ActorTestKit kit;
    private IoEventLoopGroup loops;
    private EmbeddedDisk disk;
    private NbdServer server;
    private InetSocketAddress address;
    private int limitBytes;

    private void start(String settings) throws IOException {
        Config config = config(settings);
        kit = ActorTestKit.create("effective-limit", config);
        loops =
                NbdEventLoops.create(
                        2,
                        new DefaultThreadFactory("effective-limit", true),
                        DefaultSelectStrategyFactory.INSTANCE);
        disk = Chainring.get(kit.system()).open("d", new StickyStore(DISK_BYTES));
        NbdExport export = new NbdExport("d", "", DISK_BYTES, false, disk.service(), loops.next());
        ExportDirectory directory =
                new ExportDirectory() {
                    @Override
                    public List<NbdExport> list() {
                        return List.of(export);
                    }

                    @Override
                    public @Nullable NbdExport find(String name) {
                        return name.equals("d") ? export : null;
                    }
                };
        limitBytes = Math.toIntExact(config.getBytes("chainring.nbd.max-payload-size"));
        server = new NbdServer(TestServer.settings(settings), directory, loops, NbdCounters.NONE);
        address = server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    private Config config(String settings) {
        return ConfigFactory.parseString(settings)
                .withFallback(
                        ConfigFactory.parseString(
                                """
                                pekko.loglevel = WARNING
                                pekko.persistence.journal.plugin = "chainring.persistence.leveldb.journal"
                                pekko.persistence.snapshot-store.plugin = "chainring.persistence.leveldb.snapshot-store"
                                chainring.persistence.leveldb.fsync = off
                                chainring.host.io = pool
                                """))
                .withFallback(
                        ConfigFactory.parseMap(
                                Map.of("chainring.persistence.leveldb.dir", folder.toString())))
                .withFallback(ConfigFactory.load());
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        disk.stop(Duration.ofSeconds(20)).toCompletableFuture().get(120, TimeUnit.SECONDS);
        kit.shutdownTestKit();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private static int advertised(List<TestClient.OptionReply> replies) {
        for (TestClient.OptionReply reply : replies) {
            ByteBuffer data = ByteBuffer.wrap(reply.data());
            if (reply.type() == NbdProtocol.REP_INFO
                    && data.getShort() == NbdProtocol.INFO_BLOCK_SIZE) {
                return data.getInt(data.limit() - Integer.BYTES);
            }
        }
        throw new AssertionError("no block sizes in " + replies);
    }

    /** The data of a structured READ, whatever its chunks. */
    private static byte[] read(TestClient client, long offset, int lengthBytes) throws IOException {
        client.request(0, NbdProtocol.CMD_READ, 7, offset, lengthBytes);
        ByteArrayOutputStream all = new ByteArrayOutputStream(lengthBytes);
        TestClient.Reply chunk;
        do {
            chunk = client.reply(0);
            assertEquals(0, chunk.error());
            assertEquals(offset + all.size(), ByteBuffer.wrap(chunk.data()).getLong());
            all.write(chunk.data(), Long.BYTES, chunk.data().length - Long.BYTES);
        } while ((chunk.flags() & NbdProtocol.REPLY_FLAG_DONE) == 0);
        return all.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "chainring.nbd.max-payload-size = 64 MiB",
                "chainring.nbd { max-payload-size = 64 MiB, cache-piece-size = 32 MiB }, chainring.ring.payload-limit = 33 MiB",
                "chainring.ring.payload-limit = 128 KiB, chainring.nbd.cache-piece-size = 32 MiB",
                "chainring.ring.chain-limit = 4 KiB, chainring.nbd.max-payload-size = 4 MiB",
                "chainring.ring.chain-limit = 5000, chainring.nbd.max-payload-size = 4 MiB",
                "chainring.ring.chain-limit-segments = 3",
                "chainring.ring.size-descriptors = 4",
                "chainring.ring { size-descriptors = 4, chain-limit = 4 KiB, chain-limit-segments = 3, payload-limit = 128 KiB },"
                        + " chainring.nbd.max-payload-size = 1 MiB",
                "chainring.nbd { max-payload-size = 64 KiB, max-extents-per-reply = 32768 }",
            })
    void everyRequestUpToTheAdvertisedLimitIsServed(String settings) throws Exception {
        start(settings);
        try (TestClient client = TestClient.connect(address)) {
            client.greet(3);
            client.option(NbdProtocol.OPT_STRUCTURED_REPLY, new byte[0]);
            client.optionReplies();
            client.option(
                    NbdProtocol.OPT_SET_META_CONTEXT,
                    TestClient.contextData("d", NbdProtocol.BASE_ALLOCATION));
            client.optionReplies();
            client.option(NbdProtocol.OPT_INFO, TestClient.exportData("d"));
            assertEquals(limitBytes, advertised(client.optionReplies()));
            client.option(NbdProtocol.OPT_GO, TestClient.exportData("d"));
            assertEquals(limitBytes, advertised(client.optionReplies()));

            byte[] largest = new byte[limitBytes];
            new Random(3).nextBytes(largest);
            assertEquals(0, client.writeAndWait(512, largest));
            assertArrayEquals(largest, read(client, 512, limitBytes));
            // Many extents.
            for (int i = 0; i < 64; i++) {
                assertEquals(
                        0, client.ask(0, NbdProtocol.CMD_TRIM, 8192L * i, 4096).error(), "TRIM");
            }
            assertEquals(0, client.ask(0, NbdProtocol.CMD_BLOCK_STATUS, 0, DISK_BYTES).error());
            assertEquals(0, client.ask(0, NbdProtocol.CMD_CACHE, 0, DISK_BYTES).error());
            assertEquals(0, client.ask(0, NbdProtocol.CMD_WRITE_ZEROES, 0, DISK_BYTES).error());
            assertEquals(0, client.ask(0, NbdProtocol.CMD_TRIM, 0, DISK_BYTES).error());
            assertEquals(0, client.ask(0, NbdProtocol.CMD_FLUSH, 0, 0).error());
            assertArrayEquals(new byte[4096], read(client, 4096, 4096));

            int beyond = limitBytes + 512;
            assertEquals(
                    NbdErrors.EINVAL,
                    client.ask(0, NbdProtocol.CMD_READ, 0, beyond).error(),
                    "READ");
            assertEquals(NbdErrors.EINVAL, client.writeAndWait(0, Arrays.copyOf(largest, beyond)));
            assertTrue(server.connections() == 1);
        }
    }
}
