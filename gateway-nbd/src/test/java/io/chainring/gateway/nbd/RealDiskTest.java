package io.chainring.gateway.nbd;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.chainring.base.Seed;
import io.chainring.gateway.nbd.protocol.NbdErrors;
import io.chainring.gateway.nbd.protocol.NbdProtocol;
import io.chainring.gateway.nbd.setup.ExportDirectory;
import io.chainring.gateway.nbd.setup.NbdCounters;
import io.chainring.gateway.nbd.setup.NbdExport;
import io.chainring.host.embed.Chainring;
import io.chainring.host.embed.EmbeddedDisk;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.SupervisorCommand;
import io.netty.channel.DefaultSelectStrategyFactory;
import io.netty.channel.IoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** NBD in front of the real thing: frontend, journaled backend and host, with kills and a store that gets stuck. */
class RealDiskTest {
    /** No whole sectors. */
    private static final int DISK_BYTES = (16 << 20) + 77;

    private static final int STRIPE = 97;
    private static final int STRIPES = 90;
    private static final int BLOCK = 4096;

    @TempDir Path folder;

    private ActorTestKit kit;
    private IoEventLoopGroup loops;
    private StickyStore store;
    private EmbeddedDisk disk;
    private NbdServer server;
    private InetSocketAddress address;

    @BeforeEach
    void start() throws IOException {
        kit = ActorTestKit.create("real-disk", config());
        loops =
                NbdEventLoops.create(
                        2,
                        new DefaultThreadFactory("real-disk", true),
                        DefaultSelectStrategyFactory.INSTANCE);
        store = new StickyStore(DISK_BYTES);
        disk = Chainring.get(kit.system()).open("d", store);
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
        server = new NbdServer(TestServer.settings(""), directory, loops, NbdCounters.NONE);
        address = server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    private Config config() {
        return ConfigFactory.parseString(
                        """
                        pekko.loglevel = WARNING
                        pekko.persistence.journal.plugin = "chainring.persistence.leveldb.journal"
                        pekko.persistence.snapshot-store.plugin = "chainring.persistence.leveldb.snapshot-store"
                        chainring.persistence.leveldb.fsync = off
                        chainring.host.io = pool
                        """)
                .withFallback(
                        ConfigFactory.parseMap(
                                Map.of("chainring.persistence.leveldb.dir", folder.toString())))
                .withFallback(ConfigFactory.load());
    }

    @AfterEach
    void stop() throws Exception {
        store.goOn();
        server.close();
        disk.stop(Duration.ofSeconds(20)).toCompletableFuture().get(120, TimeUnit.SECONDS);
        kit.shutdownTestKit();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private TestClient client() throws IOException {
        TestClient client = TestClient.connect(address);
        client.go("d", true, true);
        return client;
    }

    private static byte[] filled(int lengthBytes, int value) {
        byte[] bytes = new byte[lengthBytes];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private static byte[] data(TestClient.Reply chunk) {
        assertEquals(0, chunk.error());
        return Arrays.copyOfRange(chunk.data(), 8, chunk.data().length);
    }

    @Test
    void everyCommandWorksOnTheRealThing() throws IOException {
        try (TestClient client = client()) {
            byte[] large = new byte[5 << 20];
            new Random(5).nextBytes(large);
            assertEquals(0, client.writeAndWait(BLOCK, large));
            assertArrayEquals(
                    large, data(client.ask(0, NbdProtocol.CMD_READ, BLOCK, large.length)));
            assertEquals(0, client.ask(0, NbdProtocol.CMD_FLUSH, 0, 0).error());
            assertEquals(0, client.ask(0, NbdProtocol.CMD_WRITE_ZEROES, BLOCK, 65536).error());
            assertEquals(0, client.ask(0, NbdProtocol.CMD_TRIM, 1 << 20, 65536).error());
            assertEquals(0, client.ask(0, NbdProtocol.CMD_CACHE, 0, 3 << 20).error());
            assertArrayEquals(
                    new byte[65536], data(client.ask(0, NbdProtocol.CMD_READ, BLOCK, 65536)));
            TestClient.Reply status = client.ask(0, NbdProtocol.CMD_BLOCK_STATUS, 0, DISK_BYTES);
            assertEquals(NbdProtocol.REPLY_TYPE_BLOCK_STATUS, status.type());
            assertTrue(status.data().length >= 4 + 8 * 2, "one extent only");
        }
    }

    @Test
    void killsAreAPauseToTheClient() throws Exception {
        byte[][] model = new byte[64][];
        long seed = Long.getLong("chainring.seed", System.nanoTime());
        System.out.println("chainring.seed=" + seed);
        Random random = new Random(seed);
        List<SupervisorCommand.Target> targets =
                List.of(SupervisorCommand.Target.BACKEND, SupervisorCommand.Target.HOST);
        List<KillMode> modes = List.of(KillMode.values());
        try (TestClient client = client()) {
            for (int round = 0; round < 60; round++) {
                int from = random.nextInt(60);
                for (int i = from; i < from + 4; i++) {
                    model[i] = filled(BLOCK, random.nextInt());
                    client.write(0, i, (long) i * BLOCK, model[i]);
                }
                KillMode mode = modes.get(random.nextInt(modes.size()));
                disk.kill(targets.get(random.nextInt(targets.size())), mode)
                        .toCompletableFuture()
                        .get(120, TimeUnit.SECONDS);
                for (int i = 0; i < 4; i++) {
                    assertEquals(0, client.reply(0).error());
                }
            }
            for (int i = 0; i < model.length; i++) {
                if (model[i] != null) {
                    assertArrayEquals(
                            model[i],
                            data(client.ask(0, NbdProtocol.CMD_READ, (long) i * BLOCK, BLOCK)));
                }
            }
        }
    }

    /** Connections whose writes are neighbours in the same sectors: nobody's bytes are undone by anybody else's. */
    @Test
    void unalignedWritersOfOneSectorThroughKills() throws Exception {
        byte[] model = new byte[3 * STRIPE * STRIPES];
        int base = DISK_BYTES - model.length;
        Random random = new Random(Seed.of(RealDiskTest.class));
        List<SupervisorCommand.Target> targets =
                List.of(SupervisorCommand.Target.BACKEND, SupervisorCommand.Target.HOST);
        List<KillMode> modes = List.of(KillMode.values());
        try (TestClient a = client();
                TestClient b = client();
                TestClient c = client()) {
            List<TestClient> clients = List.of(a, b, c);
            for (int round = 0; round < 40; round++) {
                for (int i = 0; i < 3 * 6; i++) {
                    int who = i % 3;
                    int at = (random.nextInt(STRIPES) * 3 + who) * STRIPE;
                    change(clients.get(who), model, base, at, random);
                }
                KillMode mode = modes.get(random.nextInt(modes.size()));
                disk.kill(targets.get(random.nextInt(targets.size())), mode)
                        .toCompletableFuture()
                        .get(120, TimeUnit.SECONDS);
                for (int i = 0; i < 3 * 6; i++) {
                    assertEquals(0, clients.get(i % 3).reply(0).error());
                }
            }
            assertArrayEquals(model, data(a.ask(0, NbdProtocol.CMD_READ, base, model.length)));
        }
    }

    private static void change(TestClient client, byte[] model, int base, int at, Random random)
            throws IOException {
        int flags = random.nextInt(4) == 0 ? NbdProtocol.CMD_FLAG_FUA : 0;
        if (random.nextInt(4) == 0) {
            client.request(flags, NbdProtocol.CMD_WRITE_ZEROES, at, base + at, STRIPE);
            Arrays.fill(model, at, at + STRIPE, (byte) 0);
        } else {
            byte[] bytes = new byte[STRIPE];
            random.nextBytes(bytes);
            client.write(flags, at, base + at, bytes);
            System.arraycopy(bytes, 0, model, at, STRIPE);
        }
    }

    /** Row R5 at the gateway: connections are counted from their choice on, and closed with a chain still in flight. */
    @Test
    void aDiskThatIsTakenAwayLosesItsConnectionsAtOnce() throws Exception {
        try (TestClient idle = client();
                TestClient busy = client()) {
            assertEquals(2, server.connections(disk.service()));
            store.stick();
            busy.write(0, 1, 0, filled(BLOCK, 'A'));
            await().until(() -> store.stuckWrites() == 1);
            server.disconnect(disk.service());
            assertEquals(0, idle.awaitClose());
            assertEquals(0, busy.awaitClose());
            await().until(() -> server.connections(disk.service()) == 0);
            assertEquals(1, store.stuckWrites());
            store.goOn();
        }
    }

    @Test
    void aConnectionKeepsTheSizeThatWasNegotiated() throws Exception {
        try (TestClient before = client()) {
            store.grow(2L * DISK_BYTES);
            AskPattern.<SupervisorCommand, Done>ask(
                            disk.supervisor(),
                            replyTo -> new SupervisorCommand.Grown(2L * DISK_BYTES, replyTo),
                            Duration.ofSeconds(20),
                            kit.system().scheduler())
                    .toCompletableFuture()
                    .get(120, TimeUnit.SECONDS);
            assertEquals(
                    NbdErrors.EINVAL,
                    before.ask(0, NbdProtocol.CMD_READ, DISK_BYTES, BLOCK).error());
            try (TestClient after = client()) {
                assertArrayEquals(
                        new byte[BLOCK],
                        data(after.ask(0, NbdProtocol.CMD_READ, DISK_BYTES, BLOCK)));
            }
            assertEquals(0, before.writeAndWait(0, filled(BLOCK, 'A')));
        }
    }

    /** Scenario F2, the whole way: a stuck write of A, its resent copy, a newer B. The block stays B. */
    @Test
    void aStuckWriteOfADeadConnectionCannotUndoANewerOne() throws Exception {
        store.stick();
        try (TestClient first = client()) {
            for (int i = 0; i < 3; i++) {
                // The same block: one is begun and stuck, the others wait behind it unbegun.
                first.write(0, i, 0, filled(BLOCK, 'A'));
            }
            await().until(() -> store.stuckWrites() == 1);
        }
        try (TestClient second = TestClient.connect(address)) {
            second.greet(3);
            second.option(NbdProtocol.OPT_GO, TestClient.exportData("d"));
            assertTrue(
                    second.silentFor(300), "opened while a write of the old connection was stuck");
            store.goOn();
            second.optionReplies();
            assertEquals(0, second.writeAndWait(0, filled(BLOCK, 'A')));
            assertEquals(0, second.writeAndWait(0, filled(BLOCK, 'B')));
            assertArrayEquals(filled(BLOCK, 'B'), second.read(0, BLOCK));
        }
        assertEquals(3, store.writes(), "one begun of the first connection and two of the second");
    }
}
