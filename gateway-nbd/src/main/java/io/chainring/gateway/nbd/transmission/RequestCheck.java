package io.chainring.gateway.nbd.transmission;

import io.chainring.gateway.nbd.protocol.NbdCommand;
import io.chainring.gateway.nbd.protocol.NbdErrors;

/**
 * What the specification lets a client ask, and the error for what it does not ("Command flags", "Request types",
 * "Error values", "Block size constraints").
 */
final class RequestCheck {
    private final long sizeBytes;
    private final int maxPayloadBytes;
    private final boolean readOnly;
    private final boolean structuredReplies;
    private final boolean allocationContext;

    RequestCheck(
            long sizeBytes,
            int maxPayloadBytes,
            boolean readOnly,
            boolean structuredReplies,
            boolean allocationContext) {
        this.sizeBytes = sizeBytes;
        this.maxPayloadBytes = maxPayloadBytes;
        this.readOnly = readOnly;
        this.structuredReplies = structuredReplies;
        this.allocationContext = allocationContext;
    }

    /** The error of a request of that command, {@link NbdErrors#OK} when it may be executed. */
    int errorOf(NbdCommand command, RequestHeaderReader header) {
        if ((header.flags() & ~command.knownFlags(structuredReplies)) != 0) {
            return NbdErrors.EINVAL;
        }
        if (command.changesDisk() && readOnly) {
            return NbdErrors.EPERM;
        }
        if (command == NbdCommand.FLUSH) {
            return header.offsetBytes() == 0 && header.lengthBytes() == 0
                    ? NbdErrors.OK
                    : NbdErrors.EINVAL;
        }
        if (command == NbdCommand.BLOCK_STATUS && !allocationContext) {
            return NbdErrors.EINVAL;
        }
        return errorOfRange(command, header.offsetBytes(), header.lengthBytes());
    }

    private int errorOfRange(NbdCommand command, long offsetBytes, long lengthBytes) {
        boolean payload = command == NbdCommand.READ || command == NbdCommand.WRITE;
        if (lengthBytes == 0 || (payload && lengthBytes > maxPayloadBytes)) {
            return NbdErrors.EINVAL;
        }
        if (offsetBytes < 0 || offsetBytes > sizeBytes || lengthBytes > sizeBytes - offsetBytes) {
            boolean growing = command == NbdCommand.WRITE || command == NbdCommand.WRITE_ZEROES;
            return growing ? NbdErrors.ENOSPC : NbdErrors.EINVAL;
        }
        return NbdErrors.OK;
    }
}
