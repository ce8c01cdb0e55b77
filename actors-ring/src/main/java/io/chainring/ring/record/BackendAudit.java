package io.chainring.ring.record;

import io.chainring.ring.request.ChainStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Reads a backend's journal again for people: what each record says, and the two arrays of each ring as they stood
 * after it. Begins empty, or with a snapshot.
 */
public final class BackendAudit {
    private BackendState state = new BackendState();

    /** True when bytes of this serializer are a backend's. */
    public static boolean isBackends(int serializerId) {
        return serializerId == BackendSerializer.IDENTIFIER;
    }

    /**
     * Begins with a snapshot.
     *
     * @throws CorruptRecordException when the bytes are not a snapshot
     */
    public void begin(byte[] snapshot) {
        state = SnapshotCodec.decode(snapshot);
    }

    /**
     * Applies the next record.
     *
     * @return what it says, in one line
     * @throws CorruptRecordException when the bytes are not a record
     * @throws IllegalTransitionException when the record does not follow from those before
     */
    public String apply(byte[] record) {
        TurnEvent event = TurnEventCodec.decode(record);
        state.apply(event);
        return describe(event);
    }

    /**
     * What a record says, whatever came before it.
     *
     * @throws CorruptRecordException when the bytes are not a record
     */
    public static String describe(byte[] record) {
        return describe(TurnEventCodec.decode(record));
    }

    private static String describe(TurnEvent event) {
        List<String> parts = new ArrayList<>();
        parts.add("epoch " + event.epoch() + (event.beginsEpoch() ? " begins" : ""));
        for (TurnEvent.Attempt attempt : event.attempts()) {
            parts.add("attempt " + chain(attempt.slot(), attempt.head(), attempt.generation()));
        }
        for (TurnEvent.Completed done : event.completed()) {
            parts.add(
                    "completed %s %s"
                            .formatted(
                                    chain(done.slot(), done.head(), done.generation()),
                                    ChainStatus.name(done.status())));
        }
        for (TurnEvent.Detached gone : event.detached()) {
            parts.add(
                    "detached ring "
                            + Long.toUnsignedString(gone.ringId())
                            + " slot "
                            + gone.slot()
                            + (gone.abandonedChains() == 0
                                    ? ""
                                    : ", " + gone.abandonedChains() + " abandoned"));
        }
        for (TurnEvent.Attached came : event.attached()) {
            parts.add(
                    "attached ring %s slot %s"
                            .formatted(Long.toUnsignedString(came.ringId()), came.slot()));
        }
        long sequence = event.firstSequence();
        for (TurnEvent.Begun begun : event.begun()) {
            parts.add(
                    "begun #%s %s %s %s+%s"
                            .formatted(
                                    sequence++,
                                    chain(begun.slot(), begun.head(), begun.generation()),
                                    begun.operation(),
                                    begun.offsetBytes(),
                                    begun.lengthBytes()));
        }
        return String.join("; ", parts);
    }

    private static String chain(int slot, int head, int generation) {
        return slot + "/" + head + "." + Integer.toUnsignedString(generation);
    }

    /** Both arrays of each ring, heads that were never used left out. */
    public String drawArrays() {
        StringBuilder out = new StringBuilder();
        out.append("epoch ").append(state.epoch());
        out.append(", next begin sequence ").append(state.nextSequence());
        out.append(", ").append(state.marked()).append(" chains in flight\n");
        for (int slot = 0; slot < state.slotCount(); slot++) {
            JournaledArrays arrays = state.arrays(slot);
            if (arrays != null) {
                draw(slot, arrays, out);
            }
        }
        return out.toString();
    }

    private static void draw(int slot, JournaledArrays arrays, StringBuilder out) {
        out.append(
                String.format(
                        Locale.ROOT,
                        "ring %s, slot %d, %d descriptors, %d marked%n%6s  %12s  %10s  %-24s  %s%n",
                        Long.toUnsignedString(arrays.ringId()),
                        slot,
                        arrays.size(),
                        arrays.marked(),
                        "head",
                        "state array",
                        "generation",
                        "completion array",
                        "chain"));
        for (int head = 0; head < arrays.size(); head++) {
            if (arrays.generation(head) != 0) {
                drawHead(arrays, head, out);
            }
        }
    }

    private static void drawHead(JournaledArrays arrays, int head, StringBuilder out) {
        boolean marked = arrays.isMarked(head);
        String completion =
                arrays.isCompleted(head)
                        ? ChainStatus.name(arrays.status(head))
                                + ", "
                                + arrays.writtenBytes(head)
                                + " bytes"
                        : "-";
        String chain =
                marked
                        ? arrays.operation(head)
                                + " "
                                + arrays.offsetBytes(head)
                                + "+"
                                + arrays.lengthBytes(head)
                        : "";
        out.append(
                String.format(
                                Locale.ROOT,
                                "%6d  %12s  %10s  %-24s  %s",
                                head,
                                marked ? "#" + arrays.beginSequence(head) : "0",
                                Integer.toUnsignedString(arrays.generation(head)),
                                completion,
                                chain)
                        .stripTrailing());
        out.append(System.lineSeparator());
    }
}
