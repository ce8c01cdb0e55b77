package io.chainring.ring.virtqueue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import io.chainring.ring.memory.DirectRingMemory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Both sides of a queue against a simple model: lists of chains in each stage, and counts that do not
 * wrap. Random steps, among them deaths of the device side; after each step everything that can be
 * asked is compared. Runs long enough for the 16-bit indices to wrap.
 */
class QueueModelTest {
    private static final int MAX_STEPS = 20_000_000;
    private static final int BUFFER_BYTES = 4096;
    private static final long NO_WISH = -1;

    private record Chain(long[] addresses, int[] lengths, int readable, int descriptors) {}

    private record Completion(int head, int writtenBytes) {}

    private final DirectRingMemory memory = new DirectRingMemory();
    private final long buffers = memory.allocateRegion(BUFFER_BYTES);
    private final ChainBuffers buffersOfChain = new ChainBuffers(32, 1 << 20);
    private SplittableRandom random = new SplittableRandom();
    private boolean eventIdx;
    private int size;
    private QueueLayout layout;
    private DriverQueue driver;
    private DeviceQueue device;
    private long tables;

    /** Which table an indirect chain holds; -1 for none. */
    private final Map<Integer, Integer> tableOf = new HashMap<>();

    // The model.
    private final Map<Integer, Chain> chains = new HashMap<>();
    private final List<Integer> added = new ArrayList<>();
    private final ArrayDeque<Integer> published = new ArrayDeque<>();
    private final ArrayDeque<Integer> visible = new ArrayDeque<>();
    private final List<Integer> processing = new ArrayList<>();
    private final ArrayDeque<Completion> completed = new ArrayDeque<>();
    private final ArrayDeque<Completion> returned = new ArrayDeque<>();
    private long flushedChains;
    private long flushedCompletions;
    private long kickTested;
    private long notifyTested;
    private long takenChains;
    private long takenCompletions;
    private long kickWish;
    private long notifyWish;
    private int deaths;

    @ParameterizedTest
    @CsvSource({"8, true, 70000", "8, false, 70000", "1, true, 5000", "32, true, 70000"})
    void everyStepDoesWhatTheModelSays(int sizeDescriptors, boolean withEventIdx, int completions) {
        random = Seed.random(getClass());
        size = sizeDescriptors;
        eventIdx = withEventIdx;
        layout = QueueLayout.contiguous(memory.allocateRegion(QueueLayout.bytesFor(size)), size);
        tables = memory.allocateRegion(16 * size * size);
        driver = new DriverQueue(memory, layout, eventIdx);
        device = new DeviceQueue(memory, layout, eventIdx);
        for (int step = 0; step < MAX_STEPS && takenCompletions < completions; step++) {
            step();
            compare();
        }
        assertEquals(completions, takenCompletions);
        assertTrue(deaths > 100, "the device side died: " + deaths);
    }

    private void step() {
        switch (random.nextInt(20)) {
            case 0, 1, 2 -> add();
            case 3, 4, 5 -> publish();
            case 6, 7 -> flush();
            case 8 -> shouldKick();
            case 9, 10, 11 -> take();
            case 12, 13 -> publishUsed();
            case 14 -> flushUsed();
            case 15 -> shouldNotify();
            case 16, 17 -> takeUsed();
            case 18 -> wishes();
            default -> {
                if (random.nextInt(50) == 0) {
                    dieAndRemap();
                }
            }
        }
    }

    private void add() {
        int readable = random.nextInt(4);
        int writable = random.nextInt(4);
        int count = readable + writable;
        if (count == 0 || count > size) {
            return;
        }
        long[] addresses = new long[count];
        int[] lengths = new int[count];
        for (int i = 0; i < count; i++) {
            lengths[i] = 1 + random.nextInt(100);
            addresses[i] = buffers + random.nextInt(BUFFER_BYTES - 100);
        }
        boolean indirect = random.nextInt(3) == 0;
        int needed = indirect ? 1 : count;
        boolean fits = driver.freeDescriptors() >= needed;
        int head;
        if (indirect) {
            long table = tables + 16L * size * freeTable();
            head = driver.addIndirect(table, 16 * size, addresses, lengths, readable, writable);
        } else {
            head = driver.add(addresses, lengths, readable, writable);
        }
        assertEquals(fits, head >= 0);
        if (head >= 0) {
            chains.put(head, new Chain(addresses, lengths, readable, needed));
            added.add(head);
            tableOf.put(head, indirect ? freeTable() : -1);
        }
    }

    private int freeTable() {
        int table = 0;
        while (table < size - 1 && tableOf.containsValue(table)) {
            table++;
        }
        return table;
    }

    private void publish() {
        if (!added.isEmpty()) {
            int head = added.remove(random.nextInt(added.size()));
            driver.publish(head);
            published.add(head);
            assertThrows(IllegalStateException.class, () -> driver.publish(head));
        }
    }

    private void flush() {
        driver.flush();
        flushedChains += published.size();
        visible.addAll(published);
        published.clear();
    }

    private void shouldKick() {
        boolean wanted = passed(kickWish, kickTested, flushedChains);
        assertEquals(wanted, driver.shouldKick());
        kickTested = flushedChains;
    }

    private void shouldNotify() {
        boolean wanted = passed(notifyWish, notifyTested, flushedCompletions);
        assertEquals(wanted, device.shouldNotify());
        notifyTested = flushedCompletions;
    }

    /** A wish is the count whose passing wakes; without EVENT_IDX any progress does. */
    private boolean passed(long wish, long tested, long flushed) {
        if (wish == NO_WISH) {
            return false;
        }
        return eventIdx ? tested <= wish && wish < flushed : tested < flushed;
    }

    private void take() {
        if (random.nextBoolean()) {
            assertEquals(visible.size(), device.available());
        }
        int head = device.take();
        if (visible.isEmpty()) {
            assertEquals(-1, head);
            return;
        }
        assertEquals(visible.remove(), head);
        takenChains++;
        processing.add(head);
        device.read(head, buffersOfChain);
        Chain chain = chains.get(head);
        assertEquals(chain.readable, buffersOfChain.readableCount());
        assertEquals(chain.lengths.length - chain.readable, buffersOfChain.writableCount());
        for (int i = 0; i < chain.lengths.length; i++) {
            boolean reads = i < chain.readable;
            int at = reads ? i : i - chain.readable;
            long address =
                    reads ? buffersOfChain.readableAddress(at) : buffersOfChain.writableAddress(at);
            int length =
                    (reads ? buffersOfChain.readable(at) : buffersOfChain.writable(at)).remaining();
            assertEquals(chain.addresses[i], address);
            assertEquals(chain.lengths[i], length);
        }
    }

    private void publishUsed() {
        if (processing.isEmpty()) {
            return;
        }
        int head = processing.remove(random.nextInt(processing.size()));
        Chain chain = chains.get(head);
        int room = 0;
        for (int i = chain.readable; i < chain.lengths.length; i++) {
            room += chain.lengths[i];
        }
        int written = random.nextInt(room + 1);
        device.publishUsed(head, written);
        completed.add(new Completion(head, written));
    }

    private void flushUsed() {
        device.flushUsed();
        flushedCompletions += completed.size();
        returned.addAll(completed);
        completed.clear();
    }

    private void takeUsed() {
        int head = driver.takeUsed();
        if (returned.isEmpty()) {
            assertEquals(-1, head);
            return;
        }
        Completion completion = returned.remove();
        takenCompletions++;
        assertEquals(completion.head, head);
        assertEquals(completion.writtenBytes, driver.usedLengthBytes());
        chains.remove(head);
        tableOf.remove(head);
    }

    private void wishes() {
        switch (random.nextInt(3)) {
            case 0 -> {
                assertEquals(!visible.isEmpty(), device.enableKicks());
                kickWish = takenChains;
            }
            case 1 -> {
                assertEquals(!returned.isEmpty(), driver.enableNotifications());
                notifyWish = takenCompletions;
            }
            default -> {
                driver.disableNotifications();
                notifyWish = NO_WISH;
                // Under EVENT_IDX an index just passed is the way to wish nothing; what was flushed
                // and not yet tested may still count as passing it.
                shouldNotifyMaySaySo();
            }
        }
    }

    private void shouldNotifyMaySaySo() {
        boolean notify = device.shouldNotify();
        assertTrue(!notify || eventIdx && notifyTested < flushedCompletions);
        notifyTested = flushedCompletions;
    }

    /** Completions that were published and not flushed die with the device side. */
    private void dieAndRemap() {
        deaths++;
        while (!completed.isEmpty()) {
            processing.add(completed.removeLast().head);
        }
        device = new DeviceQueue(memory, layout, eventIdx);
        notifyTested = flushedCompletions;
        if (random.nextBoolean()) {
            device.resumeFrom((int) takenChains & 0xFFFF);
        } else {
            device.resumeFrom((int) (takenChains + visible.size()) & 0xFFFF);
            takenChains += visible.size();
            processing.addAll(visible);
            visible.clear();
        }
        assertEquals(processing.size(), device.outstandingChains());
    }

    private void compare() {
        int used = 0;
        for (Chain chain : chains.values()) {
            used += chain.descriptors;
        }
        assertEquals(size - used, driver.freeDescriptors());
        assertEquals(chains.size() - added.size(), driver.outstandingChains());
        assertEquals(processing.size(), device.outstandingChains());
        assertEquals((int) takenChains & 0xFFFF, device.lastTakenIndex());
        for (int head = 0; head < size; head++) {
            assertEquals(
                    chains.containsKey(head) && !added.contains(head), driver.isOutstanding(head));
        }
    }
}
