package io.chainring.gateway.nbd.transmission;

import io.chainring.gateway.nbd.protocol.NbdCommand;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The request that is just being refused. A payload that it carries is dropped as it arrives, and the reply stands behind
 * its last byte: a client that is still sending a WRITE takes a reply to it for another request's.
 */
final class RefusedRequest {
    private final CommandReplies answers;
    private @Nullable NbdCommand command;
    private int error;
    private long cookie;
    private long restBytes;

    RefusedRequest(CommandReplies answers) {
        this.answers = answers;
    }

    /**
     * @param refused null when the command is unknown
     * @param carriedBytes of payload that follow the header
     */
    void begin(@Nullable NbdCommand refused, int why, long itsCookie, long carriedBytes) {
        command = refused;
        error = why;
        cookie = itsCookie;
        restBytes = carriedBytes;
        if (carriedBytes == 0) {
            answers.refuse(command, error, cookie);
        }
    }

    /** True while the next bytes are its payload. */
    boolean arrives() {
        return restBytes > 0;
    }

    /** Drops what is there of the payload; true when that was the rest, and the request is answered. */
    boolean dropFrom(ByteBuf in) {
        int lengthBytes = (int) Math.min(restBytes, in.readableBytes());
        in.skipBytes(lengthBytes);
        restBytes -= lengthBytes;
        if (restBytes > 0) {
            return false;
        }
        answers.refuse(command, error, cookie);
        return true;
    }
}
