package io.chainring.registry;

import io.chainring.registry.rules.RegistryEvent;
import io.chainring.registry.rules.RegistryEvent.DiskForgotten;
import io.chainring.registry.rules.RegistryEvent.DiskSet;
import io.chainring.registry.rules.RegistryEvent.RequestMark;
import io.chainring.registry.rules.RegistryEvent.RequestRefused;
import io.chainring.registry.rules.RegistryNames;
import org.jspecify.annotations.Nullable;

/**
 * {@link RegistryEvent} as bytes, version 2, little-endian; the parts are those of {@link RecordParts}, which are all that version
 * 1 had otherwise.
 *
 * <pre>
 * 0 u8  version = 2
 * 1 u8  kind: 1 = disk set, 2 = disk forgotten, 3 = request refused
 * 2 u8  flags: bit 0 = carries a request
 * 3 u8  0
 * 4 u32 CRC-32C of the whole record, taken with this field 0
 * 8 with bit 0: {u64 fingerprint, text request id}
 *   kinds 1, 2: disk
 *   kind 3:     refusal
 * </pre>
 */
public final class RegistryEventCodec {
    static final byte VERSION = 2;
    private static final int DISK_SET = 1;
    private static final int DISK_FORGOTTEN = 2;
    private static final int REQUEST_REFUSED = 3;
    private static final int CARRIES_REQUEST = 1;

    private RegistryEventCodec() {}

    public static byte[] encode(RegistryEvent event) {
        RequestMark request = event.request();
        int flags = request == null ? 0 : CARRIES_REQUEST;
        RecordWriter out = new RecordWriter(VERSION, kind(event), flags);
        if (request != null) {
            out.u64(request.fingerprint()).text(request.requestId());
        }
        if (event instanceof DiskSet set) {
            RecordParts.put(out, set.disk());
        } else if (event instanceof DiskForgotten forgotten) {
            RecordParts.put(out, forgotten.disk());
        } else if (event instanceof RequestRefused refused) {
            RecordParts.put(out, refused.reason());
        }
        return out.sealed();
    }

    private static int kind(RegistryEvent event) {
        if (event instanceof DiskSet) {
            return DISK_SET;
        }
        return event instanceof DiskForgotten ? DISK_FORGOTTEN : REQUEST_REFUSED;
    }

    /**
     * @throws CorruptRegistryException when the bytes are not an event of a version that this program knows
     */
    public static RegistryEvent decode(byte[] bytes) {
        RecordReader in = new RecordReader("registry event", bytes, VERSION);
        if ((in.flags() & ~CARRIES_REQUEST) != 0) {
            throw in.wrong("unknown flags 0x" + Integer.toHexString(in.flags()));
        }
        RequestMark request = in.flags() == 0 ? null : mark(in);
        RegistryEvent event = event(in, request);
        in.end();
        return event;
    }

    private static RequestMark mark(RecordReader in) {
        long fingerprint = in.u64();
        String requestId = in.text();
        String wrong = RegistryNames.wrongRequestId(requestId);
        if (wrong != null) {
            throw in.wrong(wrong);
        }
        return new RequestMark(requestId, fingerprint);
    }

    private static RegistryEvent event(RecordReader in, @Nullable RequestMark request) {
        switch (in.kind()) {
            case DISK_SET:
                return new DiskSet(request, RecordParts.disk(in));
            case DISK_FORGOTTEN:
                return new DiskForgotten(request, RecordParts.disk(in));
            case REQUEST_REFUSED:
                if (request != null) {
                    return new RequestRefused(request, RecordParts.refusal(in));
                }
                throw in.wrong("a refusal of no request");
            default:
                throw in.wrong("kind " + in.kind());
        }
    }
}
