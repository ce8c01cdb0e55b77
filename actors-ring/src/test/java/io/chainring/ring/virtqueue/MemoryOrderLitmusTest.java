package io.chainring.ring.virtqueue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.ring.memory.DirectRingMemory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The orders that a queue rests on, each driven into its narrowest place: two threads meet and do the
 * two halves of one handshake at the same instant, many times. An order that is missing shows only
 * now and then where two cores are not free: the system property {@code chainring.litmusMillis}
 * makes each case longer.
 */
@Timeout(240)
class MemoryOrderLitmusTest {
    private static final int MIN_ROUNDS = 2_000;
    private static final int MAX_ROUNDS = 4_000_000;
    private static final long BUDGET_MILLIS = Long.getLong("chainring.litmusMillis", 2_000);
    private static final int SIZE = 4;

    private final DirectRingMemory memory = new DirectRingMemory();
    private final QueueLayout layout =
            QueueLayout.contiguous(memory.allocateRegion(QueueLayout.bytesFor(SIZE)), SIZE);
    private final long buffer = memory.allocateRegion(4096);
    private final Handshake handshake = new Handshake(MIN_ROUNDS, MAX_ROUNDS, BUDGET_MILLIS);
    private final boolean[] driverSaid = new boolean[MAX_ROUNDS];
    private final boolean[] deviceSaid = new boolean[MAX_ROUNDS];

    /** Publish and test against enable and look again: one of the two must see the other. */
    @Test
    void eitherTheDriverKicksOrTheDeviceLooksAgain() throws Exception {
        DriverQueue driver = new DriverQueue(memory, layout, true);
        DeviceQueue device = new DeviceQueue(memory, layout, true);
        Handshake.Step[] drive = {
            round -> driver.publish(driver.add(at(0), new int[] {1}, 1, 0)),
            round -> {
                driver.flush();
                driverSaid[round] = driver.shouldKick();
            },
            round -> {},
            round -> assertTrue(driver.takeUsed() >= 0)
        };
        Handshake.Step[] serve = {
            round -> {},
            round -> deviceSaid[round] = device.enableKicks(),
            round -> {
                device.publishUsed(device.take(), 0);
                device.flushUsed();
            },
            round -> {}
        };
        assertNobodyIsForgotten(handshake.run(drive, serve));
    }

    /** The same at the other end of the ring. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void eitherTheDeviceNotifiesOrTheDriverLooksAgain(boolean eventIdx) throws Exception {
        DriverQueue driver = new DriverQueue(memory, layout, eventIdx);
        DeviceQueue device = new DeviceQueue(memory, layout, eventIdx);
        Handshake.Step[] drive = {
            round -> {
                driver.disableNotifications();
                driver.publish(driver.add(at(0), new int[] {1}, 1, 0));
                driver.flush();
            },
            round -> {},
            round -> driverSaid[round] = driver.enableNotifications(),
            round -> assertTrue(driver.takeUsed() >= 0)
        };
        Handshake.Step[] serve = {
            round -> {},
            round -> device.publishUsed(device.take(), 0),
            round -> {
                device.flushUsed();
                deviceSaid[round] = device.shouldNotify();
            },
            round -> {}
        };
        assertNobodyIsForgotten(handshake.run(drive, serve));
    }

    /** Who sees an index sees what it stands for, in both rings, however soon it looks. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void elementsAreVisibleBeforeTheirIndex(boolean eventIdx) throws Exception {
        DriverQueue driver = new DriverQueue(memory, layout, eventIdx);
        DeviceQueue device = new DeviceQueue(memory, layout, eventIdx);
        ChainBuffers chain = new ChainBuffers(1, 64);
        // Heads, addresses and lengths differ from those that the same slots held before.
        Handshake.Step[] drive = {
            round -> {
                int spare = round % 3 == 0 ? driver.add(at(0), new int[] {1}, 1, 0) : -1;
                int head = driver.add(at(round % 1000), new int[] {1 + round % 50}, 0, 1);
                driver.publish(head);
                driver.flush();
                assertEquals(head, spinForUsed(driver));
                assertEquals(1 + round % 50, driver.usedLengthBytes());
                if (spare >= 0) {
                    driver.publish(spare);
                    driver.flush();
                    assertEquals(spare, spinForUsed(driver));
                    assertEquals(0, driver.usedLengthBytes());
                }
            }
        };
        Handshake.Step[] serve = {
            round -> {
                int head = spinForAvailable(device);
                device.read(head, chain);
                assertEquals(1, chain.writableCount());
                assertEquals(buffer + round % 1000, chain.writableAddress(0));
                assertEquals(1 + round % 50, chain.writableLengthBytes(0));
                complete(device, head, chain);
                if (round % 3 == 0) {
                    int spare = spinForAvailable(device);
                    device.read(spare, chain);
                    assertEquals(1, chain.readableCount());
                    complete(device, spare, chain);
                }
            }
        };
        assertTrue(handshake.run(drive, serve) >= MIN_ROUNDS);
        assertEquals(SIZE, driver.freeDescriptors());
    }

    private static void complete(DeviceQueue device, int head, ChainBuffers chain) {
        device.publishUsed(head, (int) chain.writableBytes());
        device.flushUsed();
    }

    private long[] at(int offset) {
        return new long[] {buffer + offset};
    }

    private int spinForUsed(DriverQueue driver) {
        int head = driver.takeUsed();
        for (int spins = 0; head < 0; spins++) {
            handshake.spin(spins);
            head = driver.takeUsed();
        }
        return head;
    }

    private int spinForAvailable(DeviceQueue device) {
        int head = device.take();
        for (int spins = 0; head < 0; spins++) {
            handshake.spin(spins);
            head = device.take();
        }
        return head;
    }

    private void assertNobodyIsForgotten(int rounds) {
        assertTrue(rounds >= MIN_ROUNDS);
        for (int round = 0; round < rounds; round++) {
            assertTrue(driverSaid[round] || deviceSaid[round], "forgotten in round " + round);
        }
    }
}
