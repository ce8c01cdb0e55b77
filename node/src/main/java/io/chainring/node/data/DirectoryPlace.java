package io.chainring.node.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chainring.base.files.FileIdentity;
import io.chainring.base.text.Printable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which data directory this is and where it was when a node last ran on it, as {@code node.json} has it.
 *
 * <p>A directory that has its old path (a backup was restored there) or is the same file (it was renamed, or is mounted
 * elsewhere) is taken for the one that it was. One that is neither may be a copy, whose original is still served: only who
 * made it can tell.
 *
 * @param id of the directory; a copy that was said to be one gets another
 * @param path real path
 * @param file its device and inode, as text
 */
record DirectoryPlace(UUID id, String path, String file) {
    private static final ObjectMapper JSON = new ObjectMapper();

    static DirectoryPlace of(UUID id, Path directory) throws IOException {
        Path real = directory.toRealPath();
        return new DirectoryPlace(id, real.toString(), FileIdentity.of(real).key().toString());
    }

    /**
     * @return null when it does not say: it was written before directories had an identity
     * @throws IllegalArgumentException what is wrong
     */
    static @Nullable DirectoryPlace read(JsonNode layout) {
        JsonNode id = layout.get("id");
        if (id == null) {
            return null;
        }
        return new DirectoryPlace(
                JsonText.uuid(JsonText.text(layout, "id")),
                JsonText.text(layout, "path"),
                JsonText.text(layout, "file"));
    }

    /** The text of {@code node.json}. */
    String layout(int format) {
        ObjectNode root = JSON.createObjectNode();
        root.put("format", format);
        root.put("id", id.toString());
        root.put("path", path);
        root.put("file", file);
        return root.toPrettyString() + "\n";
    }

    /** Whether that is this directory, perhaps under another name or restored where it was. */
    boolean isTaken(DirectoryPlace now) {
        return path.equals(now.path) || file.equals(now.file);
    }

    /** Why a node does not start on it, and what its operator can say. */
    String doubt(Path directory) {
        return "data directory %s was %s when a node last ran on it, and is not the same directory: it was moved to another file system, or copied; say which with %s (nobody serves the old one any more) or %s (the original goes on elsewhere)"
                .formatted(
                        directory,
                        Printable.name(path),
                        DirectoryClaim.ORIGINAL.option(),
                        DirectoryClaim.COPY.option());
    }
}
