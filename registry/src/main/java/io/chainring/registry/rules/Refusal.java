package io.chainring.registry.rules;

import io.chainring.registry.name.DeviceName;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Why a request was refused. Nothing has changed; {@link #message} is one line for people. */
public sealed interface Refusal {

    /** One line: what is wrong, and what to do where something can be done. */
    String message();

    /**
     * The name is allocated to a different disk.
     *
     * @param name the name
     * @param holder the disk that holds it, that was renamed from it and is here still, or that is called so
     * @param holderDiskName what people call that disk
     * @param free a name that would be given, or null when none is free
     */
    record NameTaken(DeviceName name, UUID holder, String holderDiskName, @Nullable DeviceName free)
            implements Refusal {
        @Override
        public String message() {
            return "%s is allocated to disk %s (%s)%s"
                    .formatted(name, holderDiskName, holder, proposal(free));
        }
    }

    /** The name was freed by another disk and rests until then (policy quarantine), in ms since 1970. */
    record NameResting(DeviceName name, long untilMillis, @Nullable DeviceName free)
            implements Refusal {
        @Override
        public String message() {
            return "%s was freed by another disk and rests until %s%s"
                    .formatted(name, Instant.ofEpochMilli(untilMillis), proposal(free));
        }
    }

    /** The name is never given: the root disk's, or another that is configured so. */
    record NameReserved(DeviceName name, @Nullable DeviceName free) implements Refusal {
        @Override
        public String message() {
            return name + " is reserved (chainring.registry.reserved-names)" + proposal(free);
        }
    }

    /** Nothing is left to give. */
    record Exhausted(Resource resource, long limit) implements Refusal {
        @Override
        public String message() {
            return resource.text.formatted(limit);
        }
    }

    /** What can be used up. */
    enum Resource {
        DISKS(
                1,
                "%d disks are registered (chainring.registry.disk-limit); forget one that is away"),
        NAMES(
                2,
                "no name is free among %d; ask for one that a disk remembers, or forget a disk that is away"),
        GENERATIONS(3, "the name has been given %d times and cannot be given again");

        private final byte code;
        private final String text;

        Resource(int code, String text) {
            this.code = (byte) code;
            this.text = text;
        }

        public byte code() {
            return code;
        }

        public static Resource ofCode(int code) {
            for (Resource resource : values()) {
                if (resource.code == code) {
                    return resource;
                }
            }
            throw new CorruptRegistryException("resource " + code + " is unknown");
        }
    }

    /** The request does not fit: malformed, of a scheme that is not served, or against what the disk already has. */
    record Incompatible(String message) implements Refusal {}

    /** Another disk is called so. */
    record DiskNameTaken(String diskName, UUID holder) implements Refusal {
        @Override
        public String message() {
            return "disk name " + diskName + " belongs to disk " + holder;
        }
    }

    /** No disk with this UUID is known. */
    record UnknownDisk(UUID uuid) implements Refusal {
        @Override
        public String message() {
            return "no disk " + uuid;
        }
    }

    /** The disk is in a state in which this cannot be done. */
    record WrongState(RegisteredDisk disk) implements Refusal {
        @Override
        public String message() {
            return "disk "
                    + disk.diskName()
                    + " is "
                    + disk.state()
                    + " as "
                    + disk.deviceName()
                    + (disk.state() == DiskState.DETACHING
                            ? "; try again when its chains in flight have finished"
                            : "");
        }
    }

    /** The request id was used for another request. */
    record RequestIdReused(String requestId) implements Refusal {
        @Override
        public String message() {
            return "request id " + requestId + " was used for another request; take a new one";
        }
    }

    /** Too many requests wait; nothing was decided and the same request may be sent again. */
    record Busy(int limitRequests) implements Refusal {
        @Override
        public String message() {
            return limitRequests
                    + " requests wait (chainring.registry.waiting-limit-requests); send it again";
        }
    }

    private static String proposal(@Nullable DeviceName free) {
        return free == null ? "; no other name is free" : "; " + free + " is free";
    }
}
