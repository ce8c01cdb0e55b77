package io.chainring.registry.rules;

import io.chainring.registry.rules.RegistryEvent.RequestMark;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The answers to the latest requests, by request id, oldest first. Beyond the limit the oldest is forgotten: a request
 * that is repeated later than that is judged as a new one.
 */
public final class AnsweredRequests {
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private final int limit;
    private final Map<String, Answered> byId = new LinkedHashMap<>();

    /** An answer, and what was asked. */
    public record Answered(long fingerprint, RegistryAnswer answer) {}

    AnsweredRequests(int limit) {
        this.limit = limit;
    }

    @Nullable Answered get(String requestId) {
        return byId.get(requestId);
    }

    /**
     * Remembers the latest answer. An id that was forgotten and then used again stands in the journal twice; under a
     * larger limit than then, a replay still knows the first.
     */
    public void remember(RequestMark request, RegistryAnswer answer) {
        byId.remove(request.requestId());
        byId.put(request.requestId(), new Answered(request.fingerprint(), answer));
        if (byId.size() > limit) {
            Iterator<String> ids = byId.keySet().iterator();
            ids.next();
            ids.remove();
        }
    }

    public int size() {
        return byId.size();
    }

    public void forEach(BiConsumer<String, Answered> action) {
        byId.forEach(action);
    }

    /** 64-bit FNV-1a of a request's kind and parts. It stands in the journal, so it never changes. */
    public static long fingerprint(RegistryRequest.Repeatable request) {
        long hash = FNV_OFFSET;
        if (request instanceof RegistryRequest.Insert insert) {
            hash = mixed(hash, "insert");
            hash = mixed(mixed(hash, insert.diskName()), insert.requestedName());
            // Nothing is added where there is none: such requests stand in old journals.
            hash = insert.storage() == null ? hash : mixed(hash, insert.storage().toString());
        } else if (request instanceof RegistryRequest.Rename rename) {
            hash = mixed(hash, "rename");
            hash = mixed(mixed(hash, rename.diskName()), rename.deviceName());
        } else {
            hash = mixed(hash, request instanceof RegistryRequest.Eject ? "eject" : "forget");
        }
        return mixed(hash, request.uuid().toString());
    }

    private static long mixed(long hash, @Nullable String part) {
        long mixed = hash;
        if (part != null) {
            for (byte octet : part.getBytes(StandardCharsets.UTF_8)) {
                mixed = (mixed ^ (octet & 0xFF)) * FNV_PRIME;
            }
        }
        // 0xFF never occurs in UTF-8, 0xFE neither: ends a part, and tells none from an empty one.
        return (mixed ^ (part == null ? 0xFE : 0xFF)) * FNV_PRIME;
    }
}
