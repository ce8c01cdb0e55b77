package io.chainring.node.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The requests about disks: which there are, and what stands in their bodies.
 *
 * <pre>
 *   GET  /disks                                                                    {"disks":[DiskEntry...]}
 *   POST /disks/lookup  {"key":"vdc"}                                              DiskEntry
 *   POST /disks/create  {"name":"a","path":"/srv/a.img","sizeBytes":1048576,"deviceName":"vdc"}
 *   POST /disks/insert  {"key":"a","deviceName":"vdc"}
 *   POST /disks/eject   {"key":"a","force":false}
 *   POST /disks/rename  {"key":"a","newDiskName":"b","newDeviceName":"vdd","force":false}
 *   POST /disks/resize  {"key":"a","sizeBytes":2097152}
 *   POST /disks/forget  {"key":"a"}
 * </pre>
 */
final class DiskRequests {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PAGE = "/disks";
    private static final Set<String> WHAT =
            Set.of("lookup", "create", "insert", "eject", "rename", "resize", "forget");

    private DiskRequests() {}

    /** The method with which a page is asked for, or null when it is none of these. */
    static @Nullable String methodOf(String page) {
        if (page.equals(PAGE)) {
            return "GET";
        }
        return page.startsWith(PAGE + "/") && WHAT.contains(page.substring(PAGE.length() + 1))
                ? "POST"
                : null;
    }

    /**
     * Carries a request out.
     *
     * @param page one that {@link #methodOf} knows
     * @throws BadRequestException one line
     */
    static CompletionStage<?> carryOut(DiskControl disks, String page, String body)
            throws BadRequestException {
        if (page.equals(PAGE)) {
            return disks.list().thenApply(all -> Map.of("disks", all));
        }
        JsonNode asked = object(body);
        return switch (page.substring(PAGE.length() + 1)) {
            case "lookup" -> disks.lookup(text(asked, "key"));
            case "create" ->
                    disks.create(
                            text(asked, "name"),
                            path(asked),
                            asked.has("sizeBytes") ? number(asked, "sizeBytes") : 0,
                            optional(asked, "deviceName"));
            case "insert" -> disks.insert(text(asked, "key"), optional(asked, "deviceName"));
            case "eject" -> disks.eject(text(asked, "key"), flag(asked, "force"));
            case "rename" ->
                    disks.rename(
                            text(asked, "key"),
                            optional(asked, "newDiskName"),
                            optional(asked, "newDeviceName"),
                            flag(asked, "force"));
            case "forget" -> disks.forget(text(asked, "key"));
            case "resize" -> disks.resize(text(asked, "key"), number(asked, "sizeBytes"));
            default -> throw new IllegalStateException("no page " + page);
        };
    }

    /** A body as JSON. */
    static JsonNode object(String body) throws BadRequestException {
        JsonNode root;
        try {
            root = JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw new BadRequestException("the body is not JSON", e);
        }
        if (root == null || !root.isObject()) {
            throw new BadRequestException("the body is not a JSON object");
        }
        return root;
    }

    /** A text that has to be there. */
    static String text(JsonNode body, String field) throws BadRequestException {
        JsonNode value = body.get(field);
        if (value == null || !value.isTextual()) {
            throw new BadRequestException("'" + field + "' is missing");
        }
        return value.textValue();
    }

    private static @Nullable String optional(JsonNode body, String field)
            throws BadRequestException {
        return body.hasNonNull(field) ? text(body, field) : null;
    }

    private static boolean flag(JsonNode body, String field) throws BadRequestException {
        JsonNode value = body.get(field);
        if (value != null && !value.isBoolean()) {
            throw new BadRequestException("'" + field + "' is not true or false");
        }
        return value != null && value.booleanValue();
    }

    private static long number(JsonNode body, String field) throws BadRequestException {
        JsonNode value = body.get(field);
        if (value == null || !value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new BadRequestException("'" + field + "' is not a whole number");
        }
        return value.longValue();
    }

    private static @Nullable Path path(JsonNode body) throws BadRequestException {
        String text = optional(body, "path");
        try {
            Path path = text == null ? null : Path.of(text);
            if (path != null && !path.isAbsolute()) {
                throw new BadRequestException("'path' is not absolute");
            }
            return path;
        } catch (InvalidPathException e) {
            throw new BadRequestException("'path' cannot be a path: " + e.getReason(), e);
        }
    }
}
