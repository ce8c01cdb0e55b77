package io.chainring.registry.rules;

/**
 * Where a disk stands between two insertions. A name is held from Reserved until Free.
 *
 * <pre>
 *          insert             attached            eject             detached
 *   (new) -------> RESERVED ----------> INSERTED -------> DETACHING ----------> FREE
 *                     |                                       ^                  |
 *                     +---------------- eject ----------------+                  |
 *                     ^                                                          |
 *                     +------------------ insert (next generation) --------------+
 * </pre>
 */
public enum DiskState {
    /** It has its name, and its server is bringing it up. */
    RESERVED(1),
    /** It is served under its name. */
    INSERTED(2),
    /** It is to go: its chains in flight finish. The name is still its own. */
    DETACHING(3),
    /** It is away. It holds no name; the registry remembers which one it had. */
    FREE(4);

    private final byte code;

    DiskState(int code) {
        this.code = (byte) code;
    }

    /** Its number in the journal; never changes. */
    public byte code() {
        return code;
    }

    public static DiskState ofCode(int code) {
        for (DiskState state : values()) {
            if (state.code == code) {
                return state;
            }
        }
        throw new CorruptRegistryException("state " + code + " of a disk is unknown");
    }

    /** True when a disk in this state holds its name. */
    public boolean holdsName() {
        return this != FREE;
    }

    /** The table of legal transitions; staying is legal. */
    boolean mayBecome(DiskState next) {
        if (next == this) {
            return true;
        }
        return switch (this) {
            case RESERVED -> next == INSERTED || next == DETACHING;
            case INSERTED -> next == DETACHING;
            case DETACHING -> next == FREE;
            case FREE -> next == RESERVED;
        };
    }
}
