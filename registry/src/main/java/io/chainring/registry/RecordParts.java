package io.chainring.registry;

import io.chainring.registry.name.DeviceName;
import io.chainring.registry.name.DriveLetterIdentifier;
import io.chainring.registry.name.NameScheme;
import io.chainring.registry.rules.DiskState;
import io.chainring.registry.rules.DiskStorage;
import io.chainring.registry.rules.Refusal;
import io.chainring.registry.rules.Refusal.DiskNameTaken;
import io.chainring.registry.rules.Refusal.Exhausted;
import io.chainring.registry.rules.Refusal.Incompatible;
import io.chainring.registry.rules.Refusal.NameReserved;
import io.chainring.registry.rules.Refusal.NameResting;
import io.chainring.registry.rules.Refusal.NameTaken;
import io.chainring.registry.rules.Refusal.UnknownDisk;
import io.chainring.registry.rules.Refusal.WrongState;
import io.chainring.registry.rules.RegisteredDisk;
import io.chainring.registry.rules.RegistryNames;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The parts that events and snapshots are made of.
 *
 * <pre>
 *  text     {u16 bytes, UTF-8}
 *  uuid     {u64 most, u64 least significant bits}
 *  name     {u8 letter of the scheme: V S X W, u16 drive letter value}
 *  free     {u8 0} or {u8 1, name}
 *  disk     {uuid, name, u32 generation, u8 state: 1 reserved, 2 inserted, 3 detaching, 4 free,
 *            u64 insertion, u64 changed at, ms since 1970, text disk name,
 *            from version 2 on: storage}
 *  storage  {u8 0} or {u8 1, text path, u64 size in bytes, u32 journal, text journal id}
 *  refusal  {u8 1 name taken, name, uuid, text disk name, free}     {u8 2 name resting, name, u64 until ms, free}
 *           {u8 3 name reserved, name, free}                        {u8 4 exhausted, u8 resource, u64 limit}
 *           {u8 5 incompatible, text}                               {u8 6 disk name taken, text, uuid}
 *           {u8 7 unknown disk, uuid}                               {u8 8 wrong state, disk}
 *  resource 1 disks, 2 names, 3 generations
 * </pre>
 */
final class RecordParts {
    private RecordParts() {}

    static void put(RecordWriter out, DeviceName name) {
        out.u8(name.scheme().code()).u16(name.value());
    }

    static DeviceName name(RecordReader in) {
        NameScheme scheme = NameScheme.ofCode((char) in.u8());
        int value = in.u16();
        if (scheme == null || value < scheme.lowest() || value > scheme.largest()) {
            throw in.wrong("drive letter value " + value + " of scheme " + scheme);
        }
        return new DeviceName(scheme, value);
    }

    static void put(RecordWriter out, RegisteredDisk disk) {
        out.uuid(disk.uuid());
        put(out, disk.deviceName());
        out.u32(disk.generation()).u8(disk.state().code());
        out.u64(disk.insertion()).u64(disk.changedAtMillis()).text(disk.diskName());
        DiskStorage storage = disk.storage();
        out.u8(storage == null ? 0 : 1);
        if (storage != null) {
            out.text(storage.path()).u64(storage.sizeBytes());
            out.u32(storage.journal()).text(storage.journalId());
        }
    }

    static RegisteredDisk disk(RecordReader in) {
        UUID uuid = in.uuid();
        DeviceName name = name(in);
        int generation = in.u32();
        if (generation < 1 || generation > DriveLetterIdentifier.LARGEST_GENERATION) {
            throw in.wrong("generation " + generation + " of " + name);
        }
        DiskState state = DiskState.ofCode(in.u8());
        long insertion = in.u63();
        long changedAt = in.u63();
        String diskName = in.text();
        String wrong = RegistryNames.wrongDiskName(diskName, uuid);
        if (wrong != null) {
            throw in.wrong(wrong);
        }
        DiskStorage storage = in.version() < 2 ? null : storage(in);
        return new RegisteredDisk(
                uuid, diskName, name, generation, state, insertion, changedAt, storage);
    }

    private static @Nullable DiskStorage storage(RecordReader in) {
        if (!isThere(in)) {
            return null;
        }
        try {
            return new DiskStorage(in.text(), in.u63(), in.u32(), in.text());
        } catch (IllegalArgumentException e) {
            throw in.wrong(String.valueOf(e.getMessage()));
        }
    }

    static void put(RecordWriter out, Refusal refusal) {
        if (refusal instanceof NameTaken taken) {
            out.u8(1);
            put(out, taken.name());
            out.uuid(taken.holder()).text(taken.holderDiskName());
            putFree(out, taken.free());
        } else if (refusal instanceof NameResting resting) {
            out.u8(2);
            put(out, resting.name());
            out.u64(resting.untilMillis());
            putFree(out, resting.free());
        } else if (refusal instanceof NameReserved reserved) {
            out.u8(3);
            put(out, reserved.name());
            putFree(out, reserved.free());
        } else if (refusal instanceof Exhausted exhausted) {
            out.u8(4).u8(exhausted.resource().code()).u64(exhausted.limit());
        } else if (refusal instanceof Incompatible incompatible) {
            out.u8(5).text(incompatible.message());
        } else if (refusal instanceof DiskNameTaken taken) {
            out.u8(6).text(taken.diskName()).uuid(taken.holder());
        } else if (refusal instanceof UnknownDisk unknown) {
            out.u8(7).uuid(unknown.uuid());
        } else if (refusal instanceof WrongState wrong) {
            out.u8(8);
            put(out, wrong.disk());
        } else {
            throw new IllegalArgumentException("a refusal that is not journaled: " + refusal);
        }
    }

    static Refusal refusal(RecordReader in) {
        int code = in.u8();
        return switch (code) {
            case 1 -> new NameTaken(name(in), in.uuid(), in.text(), free(in));
            case 2 -> new NameResting(name(in), in.u63(), free(in));
            case 3 -> new NameReserved(name(in), free(in));
            case 4 -> new Exhausted(Refusal.Resource.ofCode(in.u8()), in.u63());
            case 5 -> new Incompatible(in.text());
            case 6 -> new DiskNameTaken(in.text(), in.uuid());
            case 7 -> new UnknownDisk(in.uuid());
            case 8 -> new WrongState(disk(in));
            default -> throw in.wrong("a refusal of kind " + code);
        };
    }

    private static void putFree(RecordWriter out, @Nullable DeviceName free) {
        out.u8(free == null ? 0 : 1);
        if (free != null) {
            put(out, free);
        }
    }

    private static @Nullable DeviceName free(RecordReader in) {
        return isThere(in) ? name(in) : null;
    }

    private static boolean isThere(RecordReader in) {
        int there = in.u8();
        if (there > 1) {
            throw in.wrong("a part that is there " + there + " times");
        }
        return there == 1;
    }
}
