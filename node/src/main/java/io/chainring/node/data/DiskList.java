package io.chainring.node.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * The text of {@code disks.json}. It is read as something that anybody may have edited: a wrong field is named, nothing
 * is guessed.
 *
 * <pre>
 * { "format": 1,
 *   "disks": [ { "name": "disk0", "path": "/srv/a.img", "sizeBytes": 1073741824, "journal": 0,
 *                "uuid": "8f5c...", "journalId": "disk0" } ] }
 * </pre>
 *
 * A disk without a uuid gets one; {@code journalId} is there when it is not the name.
 */
final class DiskList {
    /** Most disks of one node. */
    static final int MAX_DISKS = 1024;

    private static final int FORMAT = 1;
    private static final Set<String> FIELDS =
            Set.of("name", "path", "sizeBytes", "journal", "uuid", "journalId");
    private static final ObjectMapper JSON = new ObjectMapper();

    private DiskList() {}

    static String write(List<DiskRecord> disks) {
        ObjectNode root = JSON.createObjectNode();
        root.put("format", FORMAT);
        ArrayNode list = root.putArray("disks");
        for (DiskRecord disk : disks) {
            ObjectNode entry =
                    list.addObject()
                            .put("name", disk.name())
                            .put("path", disk.path().toString())
                            .put("sizeBytes", disk.sizeBytes())
                            .put("journal", disk.journal())
                            .put("uuid", disk.uuid().toString());
            if (!disk.journalId().equals(disk.name())) {
                entry.put("journalId", disk.journalId());
            }
        }
        return root.toPrettyString() + "\n";
    }

    /**
     * @throws IllegalArgumentException what is wrong, without the name of the file
     */
    static List<DiskRecord> read(String text) {
        JsonNode root = JsonText.object(JSON, text);
        JsonText.checkFormat(root, FORMAT);
        JsonNode list = root.get("disks");
        if (list == null || !list.isArray()) {
            throw new IllegalArgumentException("'disks' is not a list");
        }
        if (list.size() > MAX_DISKS) {
            throw new IllegalArgumentException(
                    list.size() + " disks, at most " + MAX_DISKS + " are possible");
        }
        List<DiskRecord> disks = new ArrayList<>();
        for (JsonNode entry : list) {
            disks.add(disk(entry, disks.size()));
        }
        checkDistinct(disks);
        return disks;
    }

    private static DiskRecord disk(JsonNode entry, int index) {
        String where = "disk number " + (index + 1);
        if (!entry.isObject()) {
            throw new IllegalArgumentException(where + " is not an object");
        }
        entry.fieldNames()
                .forEachRemaining(
                        field -> {
                            if (!FIELDS.contains(field)) {
                                throw new IllegalArgumentException(
                                        where + " has the unknown field '" + field + "'");
                            }
                        });
        try {
            String name = text(entry, "name");
            return new DiskRecord(
                    name,
                    Path.of(text(entry, "path")),
                    number(entry, "sizeBytes"),
                    Math.toIntExact(number(entry, "journal")),
                    entry.has("uuid") ? uuid(text(entry, "uuid")) : UUID.randomUUID(),
                    entry.has("journalId") ? text(entry, "journalId") : name);
        } catch (InvalidPathException | ArithmeticException e) {
            throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
        }
    }

    private static UUID uuid(String text) {
        UUID uuid = UUID.fromString(text);
        if (!uuid.toString().equalsIgnoreCase(text)) {
            throw new IllegalArgumentException("'" + text + "' is no UUID");
        }
        return uuid;
    }

    private static String text(JsonNode entry, String field) {
        JsonNode value = entry.get(field);
        if (value == null || !value.isTextual()) {
            throw new IllegalArgumentException("'" + field + "' is not a text");
        }
        return value.textValue();
    }

    private static long number(JsonNode entry, String field) {
        JsonNode value = entry.get(field);
        if (value == null || !value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new IllegalArgumentException("'" + field + "' is not a whole number");
        }
        return value.longValue();
    }

    private static void checkDistinct(List<DiskRecord> disks) {
        Set<String> names = new HashSet<>();
        Set<Path> paths = new HashSet<>();
        Set<UUID> uuids = new HashSet<>();
        Set<String> journalIds = new HashSet<>();
        for (DiskRecord disk : disks) {
            if (!names.add(disk.name())) {
                throw new IllegalArgumentException("two disks have the name " + disk.name());
            }
            if (!paths.add(disk.path().normalize())) {
                throw new IllegalArgumentException("two disks have the image " + disk.path());
            }
            if (!uuids.add(disk.uuid())) {
                throw new IllegalArgumentException("two disks have the uuid " + disk.uuid());
            }
            if (!journalIds.add(disk.journalId())) {
                throw new IllegalArgumentException(
                        "two disks have the journal id " + disk.journalId());
            }
        }
    }
}
