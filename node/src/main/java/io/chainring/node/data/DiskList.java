package io.chainring.node.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chainring.base.text.Printable;
import io.chainring.registry.rules.DiskStorage;
import io.chainring.registry.rules.RegisteredDisk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * The text of {@code disks.json}: a view of the registry's disks, written after changes.
 *
 * <pre>
 * { "format": 2,
 *   "disks": [ { "name": "disk0", "path": "/srv/a.img", "sizeBytes": 1073741824, "journal": 0,
 *                "uuid": "8f5c...", "journalId": "disk0" } ] }
 * </pre>
 *
 * A path is relative to the data directory when the image lies in it. In a data directory of format 1 it was the list itself, and is read once more, as something that anybody may have edited:
 * a wrong field is named, nothing is guessed. A disk may have no uuid there; {@code journalId} is there when it is not the
 * name.
 */
final class DiskList {
    private static final int OLD_FORMAT = 1;
    private static final int VIEW_FORMAT = 2;
    private static final Set<String> FIELDS =
            Set.of("name", "path", "sizeBytes", "journal", "uuid", "journalId");
    private static final ObjectMapper JSON = new ObjectMapper();

    private DiskList() {}

    /** For people and other programs, and for {@link MissingDisks}. */
    static String write(List<RegisteredDisk> disks, StoredPaths paths) {
        ObjectNode root = JSON.createObjectNode();
        root.put("format", VIEW_FORMAT);
        ArrayNode list = root.putArray("disks");
        for (RegisteredDisk disk : disks) {
            DiskStorage storage = disk.storage();
            if (storage != null) {
                list.addObject()
                        .put("name", disk.diskName())
                        .put("path", paths.kept(storage.path()))
                        .put("sizeBytes", storage.sizeBytes())
                        .put("journal", storage.journal())
                        .put("uuid", disk.uuid().toString())
                        .put("journalId", storage.journalId());
            }
        }
        return root.toPrettyString() + "\n";
    }

    /**
     * The list of a directory of format 1.
     *
     * @throws IllegalArgumentException what is wrong, without the name of the file
     */
    static List<ListedDisk> read(String text) {
        List<ListedDisk> disks = read(text, OLD_FORMAT);
        for (ListedDisk disk : disks) {
            Path path = Path.of(disk.storage().path());
            if (!path.isAbsolute()) {
                throw new IllegalArgumentException(
                        "disk %s: image path '%s' is not absolute"
                                .formatted(disk.name(), Printable.name(path)));
            }
        }
        return disks;
    }

    /**
     * What {@link #write} wrote; paths as they are kept.
     *
     * @throws IllegalArgumentException what is wrong, without the name of the file
     */
    static List<ListedDisk> readView(String text) {
        return read(text, VIEW_FORMAT);
    }

    private static List<ListedDisk> read(String text, int format) {
        JsonNode root = JsonText.object(JSON, text);
        JsonText.checkFormat(root, format);
        JsonNode list = root.get("disks");
        if (list == null || !list.isArray()) {
            throw new IllegalArgumentException("'disks' is not a list");
        }
        List<ListedDisk> disks = new ArrayList<>();
        for (JsonNode entry : list) {
            disks.add(disk(entry, disks.size()));
        }
        checkDistinct(disks);
        return disks;
    }

    private static ListedDisk disk(JsonNode entry, int index) {
        String where = "disk number " + (index + 1);
        if (!entry.isObject()) {
            throw new IllegalArgumentException(where + " is not an object");
        }
        entry.fieldNames()
                .forEachRemaining(
                        field -> {
                            if (!FIELDS.contains(field)) {
                                throw new IllegalArgumentException(
                                        where
                                                + " has the unknown field '"
                                                + Printable.name(field)
                                                + "'");
                            }
                        });
        try {
            String name = JsonText.text(entry, "name");
            return new ListedDisk(
                    DiskName.check(name),
                    entry.has("uuid") ? JsonText.uuid(JsonText.text(entry, "uuid")) : null,
                    new DiskStorage(
                            path(JsonText.text(entry, "path")),
                            size(number(entry, "sizeBytes")),
                            Math.toIntExact(number(entry, "journal")),
                            entry.has("journalId") ? JsonText.text(entry, "journalId") : name));
        } catch (StoredPaths.LocaleException e) {
            throw e;
        } catch (ArithmeticException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    where + ": " + Printable.cut(e.getMessage(), JsonText.REASON_CODE_POINTS), e);
        }
    }

    private static String path(String text) {
        return StoredPaths.parse(text).normalize().toString();
    }

    private static long size(long bytes) {
        if (bytes == 0) {
            throw new IllegalArgumentException("a size of 0 bytes");
        }
        return bytes;
    }

    private static long number(JsonNode entry, String field) {
        JsonNode value = entry.get(field);
        if (value == null || !value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new IllegalArgumentException("'" + field + "' is not a whole number");
        }
        return value.longValue();
    }

    private static void checkDistinct(List<ListedDisk> disks) {
        Set<String> names = new HashSet<>();
        Set<String> paths = new HashSet<>();
        Set<UUID> uuids = new HashSet<>();
        Set<String> journalIds = new HashSet<>();
        for (ListedDisk disk : disks) {
            if (!names.add(disk.name())) {
                throw new IllegalArgumentException("two disks have the name " + disk.name());
            }
            if (!paths.add(disk.storage().path())) {
                throw new IllegalArgumentException(
                        "two disks have the image " + Printable.name(disk.storage().path()));
            }
            if (disk.uuid() != null && !uuids.add(disk.uuid())) {
                throw new IllegalArgumentException("two disks have the uuid " + disk.uuid());
            }
            if (!journalIds.add(disk.storage().journalId())) {
                throw new IllegalArgumentException(
                        "two disks have the journal id "
                                + Printable.name(disk.storage().journalId()));
            }
        }
    }
}
