package io.chainring.registry;

import io.chainring.registry.name.DeviceName;
import io.chainring.registry.name.DriveLetterIdentifier;
import io.chainring.registry.rules.NameTable;
import io.chainring.registry.rules.RegisteredDisk;
import io.chainring.registry.rules.RegistryAnswer;
import io.chainring.registry.rules.RegistryAnswer.Accepted;
import io.chainring.registry.rules.RegistryAnswer.Refused;
import io.chainring.registry.rules.RegistryEvent.RequestMark;
import io.chainring.registry.rules.RegistrySettings;
import io.chainring.registry.rules.RegistryState;
import java.util.ArrayList;
import java.util.List;

/**
 * {@link RegistryState} as bytes, version 2, little-endian; the parts are those of {@link RecordParts}, which are all that version
 * 1 had otherwise.
 *
 * <pre>
 *  0 u8  version = 2 | 1 u8 0 | 2 u8 0 | 3 u8 0
 *  4 u32 CRC-32C of the whole snapshot, taken with this field 0
 *  8 u64 next insertion
 * 16 u64 latest time, ms since 1970
 * 24 u32 disks | 28 u32 names | 32 u32 answers
 * 36 disks   x disk                                                  by disk name
 *    names   x {name, u32 generation, uuid of the last holder,
 *               u64 freed at, ms since 1970, 0 while it is held}     by name; given at least once
 *    answers x {u64 fingerprint, text request id,
 *               u8 1, disk | u8 2, refusal}                          oldest first
 * </pre>
 */
public final class RegistrySnapshotCodec {
    static final byte VERSION = 2;
    private static final int ACCEPTED = 1;
    private static final int REFUSED = 2;

    private RegistrySnapshotCodec() {}

    public static byte[] encode(RegistryState state) {
        List<RegisteredDisk> disks = state.inOrder();
        List<NameTable.Past> names = state.names().past();
        RecordWriter out = new RecordWriter(VERSION, 0, 0);
        out.u64(state.nextInsertion()).u64(state.latestMillis());
        out.u32(disks.size()).u32(names.size()).u32(state.answered().size());
        for (RegisteredDisk disk : disks) {
            RecordParts.put(out, disk);
        }
        for (NameTable.Past name : names) {
            RecordParts.put(out, name.name());
            out.u32(name.generation()).uuid(name.lastHolder()).u64(name.freedAtMillis());
        }
        state.answered()
                .forEach(
                        (requestId, answered) -> {
                            out.u64(answered.fingerprint()).text(requestId);
                            put(out, answered.answer());
                        });
        return out.sealed();
    }

    private static void put(RecordWriter out, RegistryAnswer answer) {
        if (answer instanceof Accepted accepted) {
            RecordParts.put(out.u8(ACCEPTED), accepted.disk());
        } else if (answer instanceof Refused refused) {
            RecordParts.put(out.u8(REFUSED), refused.reason());
        }
    }

    /**
     * @throws CorruptRegistryException when the bytes are not a snapshot of a version that this program knows
     */
    public static RegistryState decode(byte[] bytes, RegistrySettings settings) {
        RecordReader in = new RecordReader("registry snapshot", bytes, VERSION);
        long insertion = in.u63();
        long millis = in.u63();
        int diskCount = in.u32();
        int nameCount = in.u32();
        int answerCount = in.u32();
        List<RegisteredDisk> disks = new ArrayList<>();
        for (int i = 0; i < diskCount; i++) {
            disks.add(RecordParts.disk(in));
        }
        List<NameTable.Past> names = new ArrayList<>();
        for (int i = 0; i < nameCount; i++) {
            names.add(past(in));
        }
        RegistryState state = new RegistryState(settings);
        state.restore(insertion, millis, names, disks);
        for (int i = 0; i < answerCount; i++) {
            long fingerprint = in.u64();
            RequestMark mark = new RequestMark(in.text(), fingerprint);
            state.answered().remember(mark, answer(in));
        }
        in.end();
        return state;
    }

    private static NameTable.Past past(RecordReader in) {
        DeviceName name = RecordParts.name(in);
        int generation = in.u32();
        if (generation < 1 || generation > DriveLetterIdentifier.LARGEST_GENERATION) {
            throw in.wrong("generation " + generation + " of " + name);
        }
        return new NameTable.Past(name, generation, in.uuid(), in.u63());
    }

    private static RegistryAnswer answer(RecordReader in) {
        int kind = in.u8();
        return switch (kind) {
            case ACCEPTED -> new Accepted(RecordParts.disk(in));
            case REFUSED -> new Refused(RecordParts.refusal(in));
            default -> throw in.wrong("an answer of kind " + kind);
        };
    }
}
