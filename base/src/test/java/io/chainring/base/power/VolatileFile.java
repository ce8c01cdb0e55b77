package io.chainring.base.power;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The content of one file: what is on stable storage, and what was written since.
 *
 * <p>Of each 512-byte sector every content that it had since it was last synced may be the one that a power loss leaves,
 * independent of other sectors and of the order of writes; of the length likewise. What was never written reads as
 * zeros.
 */
final class VolatileFile {
    static final int SECTOR_BYTES = 512;
    private static final int PAGE_SECTORS = 8;

    private byte[] latest = new byte[0];
    private int latestBytes;
    private byte[] durable = new byte[0];
    private int durableBytes;
    private final TreeMap<Integer, List<Version>> sectors = new TreeMap<>();
    private final List<Length> lengths = new ArrayList<>();

    /** The last operation on names that a sync of this file commits too: a number, from 1 on. */
    int nameOperation;

    /** Sectors that have a place on the device; giving them one is a change of metadata. */
    private final BitSet allocated = new BitSet();

    /** When it was last written to, other than through a mapped page. */
    private int written;

    /** Whether the next sync has to write metadata of this file. */
    private boolean grown;

    /** @param ordered whether a change of metadata made it (a file that was cut off), which a journal keeps in order */
    private record Version(int time, boolean ordered, byte[] bytes) {}

    private record Length(int time, boolean ordered, int bytes) {}

    /** How a power loss chooses. */
    private enum Choice {
        /** Nothing unsynced. */
        OLD,
        /** All of it. */
        NEW,
        /** What was written until some moment. */
        PREFIX,
        /** Each sector by itself. */
        SECTORS,
        /** Each 4 KiB page by itself. */
        PAGES,
        /** All but one page. */
        HOLE,
        /** Nothing but the last pages. */
        END
    }

    void write(int time, long offsetBytes, byte[] data, boolean mapped) {
        int from = Math.toIntExact(offsetBytes);
        int to = from + data.length;
        ensure(to);
        System.arraycopy(data, 0, latest, from, data.length);
        if (to > latestBytes && !mapped) {
            latestBytes = to;
            lengths.add(new Length(time, false, to));
            grown = true;
        }
        int firstSector = from / SECTOR_BYTES;
        int endSector = (to + SECTOR_BYTES - 1) / SECTOR_BYTES;
        if (allocated.nextClearBit(firstSector) < endSector) {
            allocated.set(firstSector, endSector);
            grown = true;
        }
        changed(time, false, from, to);
        if (!mapped) {
            written = time;
        }
    }

    void zero(int time, long offsetBytes, long lengthBytes) {
        int from = (int) Math.min(offsetBytes, latestBytes);
        int to = (int) Math.min(offsetBytes + lengthBytes, latestBytes);
        Arrays.fill(latest, from, to, (byte) 0);
        changed(time, false, from, to);
    }

    void length(int time, long lengthBytes) {
        int bytes = Math.toIntExact(lengthBytes);
        ensure(bytes);
        if (bytes < latestBytes) {
            int from = bytes;
            int to = latestBytes;
            Arrays.fill(latest, from, to, (byte) 0);
            changed(time, true, from, to);
        }
        latestBytes = bytes;
        lengths.add(new Length(time, true, bytes));
    }

    /** Whether a sync now writes metadata, and with it all changes of names before it; asked once, before it. */
    boolean takesGrown() {
        boolean was = grown;
        grown = false;
        return was;
    }

    void sync() {
        settleLength();
        sectors.keySet().forEach(this::settle);
        sectors.clear();
    }

    /** Whole pages, as the system does it. */
    void sync(long offsetBytes, long lengthBytes) {
        settleLength();
        int from = (int) (offsetBytes / SECTOR_BYTES) / PAGE_SECTORS * PAGE_SECTORS;
        int to = (int) ((offsetBytes + lengthBytes + SECTOR_BYTES - 1) / SECTOR_BYTES);
        to = (to + PAGE_SECTORS - 1) / PAGE_SECTORS * PAGE_SECTORS;
        Map<Integer, List<Version>> settled = sectors.subMap(from, to);
        settled.keySet().forEach(this::settle);
        settled.clear();
    }

    /**
     * One content that a power loss now may leave.
     *
     * @param committed changes of metadata until this time have survived, later ones have not; -1: each by itself
     */
    byte[] afterPowerLoss(Random random, int now, int committed) {
        Choice choice = Choice.values()[random.nextInt(Choice.values().length)];
        int moment = random.nextInt(now + 1);
        int bytes = chosenLength(choice, moment, random, committed);
        byte[] image = Arrays.copyOf(durable, bytes);
        int[] changed = sectors.keySet().stream().mapToInt(Integer::intValue).toArray();
        int odd = changed.length == 0 ? 0 : changed[random.nextInt(changed.length)] / PAGE_SECTORS;
        double share = random.nextDouble();
        for (Map.Entry<Integer, List<Version>> sector : sectors.entrySet()) {
            int page = sector.getKey() / PAGE_SECTORS;
            List<Version> versions = new ArrayList<>(sector.getValue());
            Version least = committed(versions, committed);
            Version version = least;
            if (!versions.isEmpty()) {
                Version last = versions.get(versions.size() - 1);
                version =
                        switch (choice) {
                            case OLD -> least;
                            case NEW -> last;
                            case PREFIX ->
                                    versions.stream()
                                            .filter(each -> each.time <= moment)
                                            .reduce(least, (a, b) -> b);
                            case SECTORS ->
                                    random.nextDouble() < share
                                            ? versions.get(random.nextInt(versions.size()))
                                            : least;
                            case PAGES ->
                                    new Random(page * 31L + moment).nextDouble() < share
                                            ? last
                                            : least;
                            case HOLE -> page == odd ? least : last;
                            case END -> page < odd ? least : last;
                        };
            }
            int at = sector.getKey() * SECTOR_BYTES;
            if (version != null && at < bytes) {
                System.arraycopy(version.bytes, 0, image, at, Math.min(SECTOR_BYTES, bytes - at));
            }
        }
        return image;
    }

    /**
     * Leaves in a list what may survive beside what must: cutting off a file is metadata.
     *
     * @return the oldest version that may be found; null for what was synced
     */
    private static @Nullable Version committed(List<Version> versions, int committed) {
        Version least = null;
        if (committed >= 0) {
            versions.removeIf(each -> each.ordered && each.time > committed);
            for (Version each : versions) {
                least = each.ordered ? each : least;
            }
            while (least != null && !versions.isEmpty() && versions.get(0) != least) {
                versions.remove(0);
            }
        }
        return least;
    }

    private int chosenLength(Choice choice, int moment, Random random, int committed) {
        List<Length> possible = new ArrayList<>();
        possible.add(new Length(0, false, durableBytes));
        for (Length each : lengths) {
            if (committed >= 0 && each.ordered && each.time > committed) {
                break;
            }
            if (committed >= 0 && each.ordered) {
                possible.clear();
            }
            possible.add(each);
        }
        Length first = possible.get(0);
        Length last = possible.get(possible.size() - 1);
        return switch (choice) {
            case OLD -> first.bytes;
            case NEW, HOLE, END -> last.bytes;
            case PREFIX ->
                    possible.stream()
                            .filter(each -> each.time <= moment)
                            .reduce(first, (a, b) -> b)
                            .bytes;
            case SECTORS, PAGES -> possible.get(random.nextInt(possible.size())).bytes;
        };
    }

    /** What the process itself would read, but for some sectors of the write at that time, if there was one. */
    byte[] withoutPartOf(int time, Random random) {
        byte[] content = content();
        if (written != time) {
            return content;
        }
        for (Map.Entry<Integer, List<Version>> sector : sectors.entrySet()) {
            List<Version> versions = sector.getValue();
            boolean itsOwn = versions.get(versions.size() - 1).time == time;
            if (itsOwn && random.nextBoolean()) {
                int at = sector.getKey() * SECTOR_BYTES;
                byte[] before = new byte[SECTOR_BYTES];
                if (versions.size() > 1) {
                    before = versions.get(versions.size() - 2).bytes;
                } else if (at < durable.length) {
                    before = Arrays.copyOfRange(durable, at, at + SECTOR_BYTES);
                }
                System.arraycopy(
                        before, 0, content, at, Math.min(SECTOR_BYTES, content.length - at));
            }
        }
        return content;
    }

    /** What the process itself would read. */
    byte[] content() {
        return Arrays.copyOf(latest, latestBytes);
    }

    private void changed(int time, boolean ordered, int from, int to) {
        for (int sector = from / SECTOR_BYTES; sector * SECTOR_BYTES < to; sector++) {
            int at = sector * SECTOR_BYTES;
            sectors.computeIfAbsent(sector, each -> new ArrayList<>())
                    .add(
                            new Version(
                                    time,
                                    ordered,
                                    Arrays.copyOfRange(latest, at, at + SECTOR_BYTES)));
        }
    }

    private void settleLength() {
        if (durable.length < latest.length) {
            durable = Arrays.copyOf(durable, latest.length);
        }
        durableBytes = latestBytes;
        lengths.clear();
    }

    private void settle(int sector) {
        int at = sector * SECTOR_BYTES;
        System.arraycopy(latest, at, durable, at, SECTOR_BYTES);
    }

    private void ensure(int bytes) {
        int whole = (bytes + SECTOR_BYTES - 1) / SECTOR_BYTES * SECTOR_BYTES;
        if (whole > latest.length) {
            latest = Arrays.copyOf(latest, Math.max(whole, latest.length * 2));
        }
    }
}
