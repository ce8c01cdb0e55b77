package io.chainring.gateway.nbd.setup;

import io.chainring.gateway.nbd.protocol.NbdProtocol;
import io.chainring.ring.supervise.RingService;
import io.netty.channel.IoEventLoop;
import java.nio.charset.StandardCharsets;

/**
 * One disk as NBD clients see it.
 *
 * @param name how clients ask for it; at most 4096 bytes of UTF-8, not empty
 * @param description for people who list the exports; may be empty
 * @param sizeBytes size of the disk
 * @param readOnly when true, whatever would change the disk is answered with EPERM
 * @param service where connections open their rings
 * @param loop the loop on which the disk lives; connections move to it after their handshake
 */
public record NbdExport(
        String name,
        String description,
        long sizeBytes,
        boolean readOnly,
        RingService service,
        IoEventLoop loop) {

    public NbdExport {
        checkText("name", name);
        checkText("description", description);
        if (name.isEmpty()) {
            throw new IllegalArgumentException("export name is empty");
        }
        if (sizeBytes < 0) {
            throw new IllegalArgumentException(
                    "export %s: a size of %s bytes".formatted(name, sizeBytes));
        }
    }

    private static void checkText(String what, String text) {
        int lengthBytes = text.getBytes(StandardCharsets.UTF_8).length;
        if (lengthBytes > NbdProtocol.MAX_STRING_BYTES || text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "export %s of %s bytes: at most %s bytes without NUL are allowed"
                            .formatted(what, lengthBytes, NbdProtocol.MAX_STRING_BYTES));
        }
    }

    /** The same disk for a client that may not change it. */
    public NbdExport asReadOnly() {
        return readOnly ? this : new NbdExport(name, description, sizeBytes, true, service, loop);
    }

    /** The transmission flags of this export (specification, "Transmission flags"). */
    public int transmissionFlags(boolean structuredReplies) {
        int flags =
                NbdProtocol.FLAG_HAS_FLAGS
                        | NbdProtocol.FLAG_SEND_FLUSH
                        | NbdProtocol.FLAG_SEND_FUA
                        | NbdProtocol.FLAG_CAN_MULTI_CONN
                        | NbdProtocol.FLAG_SEND_CACHE;
        flags |=
                readOnly
                        ? NbdProtocol.FLAG_READ_ONLY
                        : NbdProtocol.FLAG_SEND_TRIM
                                | NbdProtocol.FLAG_SEND_WRITE_ZEROES
                                | NbdProtocol.FLAG_SEND_FAST_ZERO;
        return structuredReplies ? flags | NbdProtocol.FLAG_SEND_DF : flags;
    }
}
