package io.chainring.gateway.nbd.protocol;

import org.jspecify.annotations.Nullable;

/** The commands of the transmission phase that get a reply. */
public enum NbdCommand {
    READ,
    WRITE,
    FLUSH,
    TRIM,
    CACHE,
    WRITE_ZEROES,
    BLOCK_STATUS;

    /** The command of a type number on the wire; null for DISC, which has no reply, and for unknown types. */
    public static @Nullable NbdCommand ofType(int type) {
        return switch (type) {
            case NbdProtocol.CMD_READ -> READ;
            case NbdProtocol.CMD_WRITE -> WRITE;
            case NbdProtocol.CMD_FLUSH -> FLUSH;
            case NbdProtocol.CMD_TRIM -> TRIM;
            case NbdProtocol.CMD_CACHE -> CACHE;
            case NbdProtocol.CMD_WRITE_ZEROES -> WRITE_ZEROES;
            case NbdProtocol.CMD_BLOCK_STATUS -> BLOCK_STATUS;
            default -> null;
        };
    }

    /** True when the command would change the disk. */
    public boolean changesDisk() {
        return this == WRITE || this == TRIM || this == WRITE_ZEROES;
    }

    /** The command flags that mean something to this command; FUA is accepted everywhere. */
    public int knownFlags(boolean structuredReplies) {
        return NbdProtocol.CMD_FLAG_FUA
                | switch (this) {
                    case READ -> structuredReplies ? NbdProtocol.CMD_FLAG_DF : 0;
                    case WRITE_ZEROES ->
                            NbdProtocol.CMD_FLAG_NO_HOLE | NbdProtocol.CMD_FLAG_FAST_ZERO;
                    case BLOCK_STATUS -> NbdProtocol.CMD_FLAG_REQ_ONE;
                    default -> 0;
                };
    }
}
