package io.chainring.gateway.nbd;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.gateway.nbd.protocol.NbdProtocol;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Invariant I9 (scenario F2): a client loses its connection, comes back on another, sends again what was unanswered,
 * then writes something newer to the same blocks. Nothing of the old connection may execute after that.
 */
class StaleReplayTest {
    private static final int BLOCK = 512;

    private TestServer server;
    private MemoryDisk disk;

    private void start(TestServer.Transport transport, String settings) throws IOException {
        server = new TestServer(transport, settings);
        disk = server.disk("d", false);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static byte[] block(int value) {
        byte[] bytes = new byte[BLOCK];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    @ParameterizedTest
    @EnumSource
    void begunIsWaitedForUnbegunAndUnreadAreDropped(TestServer.Transport transport)
            throws IOException {
        start(transport, "");
        disk.maxOutstanding(2);
        disk.hold();
        try (TestClient first = server.client("d")) {
            for (int i = 0; i < 4; i++) {
                first.write(0, i, (long) i * BLOCK, block('A'));
            }
            await().until(() -> disk.outstanding() == 2);
            disk.begin(1);
        }
        try (TestClient second = server.client()) {
            second.greet(3);
            second.option(NbdProtocol.OPT_GO, TestClient.exportData("d"));
            assertTrue(
                    second.silentFor(300),
                    "opened while a request of the old connection was stuck");
            disk.goOn();
            second.optionReplies();
            for (int round : new int[] {'A', 'B'}) {
                for (int i = 0; i < 4; i++) {
                    assertEquals(0, second.writeAndWait((long) i * BLOCK, block(round)));
                }
            }
        }
        List<String> executed = disk.executed();
        assertEquals(9, executed.size(), executed.toString());
        assertTrue(executed.get(0).contains(" WRITE 0+512"));
        assertEquals(
                1,
                executed.stream().filter(line -> line.startsWith(ringOf(executed.get(0)))).count());
        for (int i = 0; i < 4; i++) {
            assertArrayEquals(block('B'), disk.content(i * BLOCK, BLOCK));
        }
    }

    private static String ringOf(String executed) {
        return executed.substring(0, executed.indexOf(' ', 5) + 1);
    }

    /** The disk's loop is busy while one client dies and the next one comes: what both sent lies in the kernel. */
    @ParameterizedTest
    @EnumSource
    void theOrderInWhichTheLoopLooksDoesNotMatter(TestServer.Transport transport) throws Exception {
        long seed = Long.getLong("chainring.seed", System.nanoTime());
        System.out.println("chainring.seed=" + seed);
        Random random = new Random(seed);
        start(transport, "chainring.nbd.settle-time-without-epoll = 150ms");
        for (int round = 0; round < 12; round++) {
            disk.hold();
            dieAndComeBack(transport, random, round);
        }
    }

    private void dieAndComeBack(TestServer.Transport transport, Random random, int round)
            throws Exception {
        int before = disk.executed().size();
        int early = random.nextInt(4);
        int begun = early == 0 ? 0 : random.nextInt(early + 1);
        int late = 1 + random.nextInt(4);
        TestClient first = server.client("d");
        for (int i = 0; i < early; i++) {
            first.write(0, i, (long) i * BLOCK, block('A'));
        }
        await().until(() -> disk.outstanding() == early);
        disk.begin(begun);
        try (TestClient second = server.client()) {
            second.greet(3);
            CountDownLatch free = new CountDownLatch(1);
            holdUp(server.loopOf("d"), free);
            for (int i = early; i < early + late; i++) {
                first.write(0, i, (long) i * BLOCK, block('A'));
            }
            if (random.nextBoolean() && server.address() instanceof java.net.InetSocketAddress) {
                first.reset();
            } else {
                first.close();
            }
            second.option(NbdProtocol.OPT_GO, TestClient.exportData("d"));
            // Long enough for the option to have been read by the other loops.
            assertTrue(second.silentFor(50));
            free.countDown();
            disk.goOn();
            second.optionReplies();
            for (int i = 0; i < early + late; i++) {
                assertEquals(0, second.writeAndWait((long) i * BLOCK, block(round)));
            }
        }
        List<String> executed = disk.executed().subList(before, disk.executed().size());
        String last = ringOf(executed.get(executed.size() - 1));
        long ofSecond = executed.stream().filter(line -> line.startsWith(last)).count();
        assertEquals(early + late, ofSecond, executed.toString());
        int firstOfSecond = executed.stream().map(StaleReplayTest::ringOf).toList().indexOf(last);
        assertTrue(
                executed.subList(firstOfSecond, executed.size()).stream()
                        .allMatch(line -> line.startsWith(last)),
                "something old executed behind something new: " + executed);
        if (transport != TestServer.Transport.NIO_TCP) {
            assertTrue(firstOfSecond <= early, "something unread executed: " + executed);
        }
        for (int i = 0; i < early + late; i++) {
            assertArrayEquals(block(round), disk.content(i * BLOCK, BLOCK));
        }
    }

    /** What the door had to do before this is done. */
    private void untilTheDoorIsThrough() throws IOException {
        try (TestClient probe = server.client()) {
            probe.greet(3);
            probe.option(NbdProtocol.OPT_LIST, new byte[0]);
            probe.optionReplies();
        }
    }

    private static void holdUp(IoEventLoop loop, CountDownLatch free) throws InterruptedException {
        CountDownLatch held = new CountDownLatch(1);
        loop.execute(
                () -> {
                    held.countDown();
                    try {
                        free.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
        held.await();
    }

    @ParameterizedTest
    @EnumSource
    void aLivingConnectionStaysWhenAnotherComes(TestServer.Transport transport) throws IOException {
        start(transport, "");
        disk.maxOutstanding(2);
        disk.hold();
        try (TestClient first = server.client("d")) {
            for (int i = 0; i < 40; i++) {
                first.write(0, i, (long) i * BLOCK, block('A'));
            }
            await().until(() -> disk.outstanding() == 2);
            try (TestClient second = server.client("d")) {
                disk.goOn();
                assertEquals(0, second.writeAndWait(100 * BLOCK, block('B')));
                for (int i = 0; i < 40; i++) {
                    assertEquals(i, first.reply(0).cookie());
                }
            }
        }
        assertEquals(41, disk.executed().size());
    }

    @ParameterizedTest
    @EnumSource
    void aConnectionThatSaidGoodbyeFinishesFirst(TestServer.Transport transport)
            throws IOException {
        start(transport, "");
        disk.hold();
        try (TestClient first = server.client("d")) {
            first.write(0, 1, 0, block('A'));
            first.write(0, 2, 0, block('B'));
            first.request(0, NbdProtocol.CMD_DISC, 3, 0, 0);
        }
        await().until(() -> disk.outstanding() == 2);
        try (TestClient second = server.client()) {
            second.greet(3);
            second.option(NbdProtocol.OPT_GO, TestClient.exportData("d"));
            assertTrue(second.silentFor(300), "opened before the old connection had finished");
            disk.goOn();
            second.optionReplies();
            assertArrayEquals(block('B'), second.read(0, BLOCK));
        }
    }

    private static final int FLOOD = 8 << 10;
    private static final int HELD_BYTES = 64 << 10;

    private static ByteBuffer flood() {
        ByteBuffer flood = ByteBuffer.allocate(FLOOD * (28 + BLOCK));
        for (int i = 0; i < FLOOD; i++) {
            flood.put(TestClient.requestBytes(0, NbdProtocol.CMD_WRITE, i, 0, BLOCK, block('A')));
        }
        return flood.flip();
    }

    private void startWithLittleRoom(TestServer.Transport transport) throws IOException {
        startWithRoom(transport, "max-held-size = 64 KiB");
    }

    private void startWithRoom(TestServer.Transport transport, String room) throws IOException {
        start(transport, "chainring.nbd { receive-buffer-size = 4 KiB, " + room + " }");
        disk.maxOutstanding(1);
        disk.hold();
    }

    /** On TCP alone is anything taken in to find out; then it is kept, and waits in the kernel beyond the limit. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "max-held-size = 64 KiB, held-budget = 64 MiB",
                "max-held-size = 8 MiB, held-budget = 64 KiB"
            })
    void whatALivingClientHasWaitingIsKeptUpToALimit(String room) throws IOException {
        startWithRoom(TestServer.Transport.EPOLL_TCP, room);
        try (TestClient first = server.client("d")) {
            first.write(0, -1, 0, block('A'));
            await().until(() -> disk.outstanding() == 1);
            assertTrue(first.sendWithoutWaiting(flood()) > 8 * HELD_BYTES, "too little to hold");
            for (int i = 0; i < 10; i++) {
                try (TestClient another = server.client("d")) {
                    assertEquals(2, server.server().connections());
                }
                await().until(() -> server.server().connections() == 1);
            }
            long heldBytes = server.server().heldBytes();
            assertTrue(heldBytes >= HELD_BYTES, () -> heldBytes + " bytes: nothing was held");
            assertTrue(heldBytes <= 2 * HELD_BYTES, () -> heldBytes + " bytes are held");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"EPOLL_TCP", "EPOLL_UNIX"})
    void aLivingClientIsNotCutOffHoweverMuchOfItWaits(TestServer.Transport transport)
            throws IOException {
        startWithLittleRoom(transport);
        try (TestClient first = server.client("d")) {
            first.write(0, -1, 0, block('A'));
            await().until(() -> disk.outstanding() == 1);
            first.sendWithoutWaiting(flood());
            for (int i = 0; i < 10; i++) {
                try (TestClient another = server.client("d")) {
                    assertEquals(2, server.server().connections());
                }
                await().until(() -> server.server().connections() == 1);
            }
            disk.goOn();
            assertEquals(-1, first.reply(0).cookie());
            assertEquals(0, first.reply(0).cookie());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"EPOLL_UNIX"})
    void aClosedClientIsFoundBehindAllThatItLeftUnread(TestServer.Transport transport)
            throws Exception {
        startWithLittleRoom(transport);
        CountDownLatch free = new CountDownLatch(1);
        try (TestClient first = server.client("d")) {
            first.write(0, -1, 0, block('A'));
            await().until(() -> disk.outstanding() == 1);
            // The disk's loop meets the newcomer before it hears that the other one has gone.
            holdUp(server.loopOf("d"), free);
            first.sendWithoutWaiting(flood());
        }
        try (TestClient second = server.client()) {
            second.greet(3);
            second.option(NbdProtocol.OPT_GO, TestClient.exportData("d"));
            await().until(() -> server.server().connections(disk) == 2);
            untilTheDoorIsThrough();
            free.countDown();
            second.optionReplies();
            assertEquals(1, disk.mostRings(), "the old ring goes before the new one opens");
            disk.goOn();
            assertEquals(0, second.writeAndWait(0, block('B')));
            assertArrayEquals(block('B'), second.read(0, BLOCK));
        }
        assertTrue(disk.executed().size() <= 3, () -> disk.executed().size() + " requests");
    }
}
