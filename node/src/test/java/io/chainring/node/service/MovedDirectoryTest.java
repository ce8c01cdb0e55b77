package io.chainring.node.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.chainring.node.StartException;
import io.chainring.node.control.DiskEntry;
import io.chainring.node.data.DirectoryClaim;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A data directory that was renamed, restored, moved to another file system or copied. */
class MovedDirectoryTest {
    @TempDir Path folder;

    private static Node start(Path data, DirectoryClaim claim, RequestedDisk... disks)
            throws StartException {
        return Node.start(
                NodeSettings.of(
                        ConfigFactory.parseMap(
                                        Map.of(
                                                "chainring.node.data",
                                                data.toString(),
                                                "chainring.node.data-is",
                                                claim.name().toLowerCase(java.util.Locale.ROOT),
                                                "chainring.node.loops",
                                                1,
                                                "chainring.node.default-disk-size",
                                                "1 MiB",
                                                "chainring.node.nbd.listen",
                                                List.of("127.0.0.1:0")))
                                .withFallback(ConfigFactory.load()),
                        Arrays.asList(disks)));
    }

    private static RequestedDisk disk(String name, Path image) {
        return new RequestedDisk(name, image, 1 << 20);
    }

    /** State and image of each disk, by its name. */
    private static Map<String, String> disks(Node node) throws Exception {
        Map<String, String> disks = new TreeMap<>();
        for (DiskEntry each : node.diskControl().list().toCompletableFuture().get()) {
            disks.put(each.name(), each.state() + " " + each.path());
        }
        return disks;
    }

    private void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path each : files.toList()) {
                if (Files.isRegularFile(each) || Files.isDirectory(each)) {
                    Files.copy(each, to.resolve(from.relativize(each)));
                }
            }
        }
    }

    private String refusal(Path data) {
        return String.valueOf(
                assertThrows(StartException.class, () -> start(data, DirectoryClaim.UNKNOWN))
                        .getMessage());
    }

    @Test
    void imagesInsideGoAlongWhenItIsRenamed() throws Exception {
        Path first = folder.resolve("first");
        assertTrue(start(first, DirectoryClaim.UNKNOWN).stop());
        Path second = Files.move(first, folder.resolve("second"));
        Node node = start(second, DirectoryClaim.UNKNOWN);
        try {
            assertEquals(
                    Map.of("disk0", "inserted " + second.resolve("images/disk0.img")), disks(node));
        } finally {
            assertTrue(node.stop());
        }
        assertFalse(Files.exists(first));
        String shown = Files.readString(second.resolve("disks.json"));
        assertTrue(shown.contains("\"images/disk0.img\""), shown);
    }

    @Test
    void aBackupIsRestoredWhereItWas() throws Exception {
        Path data = folder.resolve("data");
        assertTrue(start(data, DirectoryClaim.UNKNOWN).stop());
        copy(data, folder.resolve("backup"));
        Files.move(data, folder.resolve("broken"));
        copy(folder.resolve("backup"), data);
        assertTrue(start(data, DirectoryClaim.UNKNOWN).stop());
    }

    @Test
    void aCopyIsRefusedUntilItIsSaidToBeOne() throws Exception {
        Path data = folder.resolve("data");
        Path outside = folder.resolve("outside.img");
        Path inside = data.resolve("images/in.img");
        Files.createDirectories(inside.getParent());
        Node original =
                start(data, DirectoryClaim.UNKNOWN, disk("in", inside), disk("out", outside));
        assertTrue(original.stop());
        Path copy = folder.resolve("copy");
        copy(data, copy);

        String message = refusal(copy);
        assertTrue(message.contains(copy.toString()), message);
        assertTrue(message.contains("was " + data.toRealPath()), message);
        assertTrue(message.contains("--data-is original"), message);
        assertTrue(message.contains("--data-is copy"), message);

        original = start(data, DirectoryClaim.UNKNOWN);
        try {
            Node other = start(copy, DirectoryClaim.COPY);
            try {
                assertEquals(
                        Map.of(
                                "in",
                                "inserted " + copy.resolve("images/in.img"),
                                "out",
                                "free " + outside),
                        disks(other));
            } finally {
                assertTrue(other.stop());
            }
            assertEquals(
                    Map.of("in", "inserted " + inside, "out", "inserted " + outside),
                    disks(original));
        } finally {
            assertTrue(original.stop());
        }
        assertTrue(start(copy, DirectoryClaim.UNKNOWN).stop());
        String first = Files.readString(data.resolve("node.json"));
        assertFalse(first.equals(Files.readString(copy.resolve("node.json"))), first);
    }

    @Test
    void aMovedOneKeepsAllItHad() throws Exception {
        Path data = folder.resolve("data");
        Path outside = folder.resolve("outside.img");
        assertTrue(start(data, DirectoryClaim.UNKNOWN, disk("out", outside)).stop());
        Path moved = folder.resolve("moved");
        copy(data, moved);
        refusal(moved);
        Node node = start(moved, DirectoryClaim.ORIGINAL);
        try {
            assertEquals(Map.of("out", "inserted " + outside), disks(node));
        } finally {
            assertTrue(node.stop());
        }
        assertTrue(start(moved, DirectoryClaim.UNKNOWN).stop());
    }

    /** What earlier programs kept: absolute paths, also inside. */
    @Test
    void absolutePathsInsideAreKeptAsRelativeOnes() throws Exception {
        Path data = folder.resolve("data");
        Path later = folder.resolve("later");
        Path image = later.resolve("images/a.img");
        Files.createDirectories(image.getParent());
        assertTrue(start(data, DirectoryClaim.UNKNOWN, disk("a", image)).stop());
        copy(data, later.resolve("parts"));
        try (Stream<Path> parts = Files.list(later.resolve("parts"))) {
            for (Path each : parts.toList()) {
                Files.move(each, later.resolve(each.getFileName()));
            }
        }
        Files.delete(later.resolve("parts"));
        assertTrue(start(later, DirectoryClaim.ORIGINAL).stop());
        Path last = Files.move(later, folder.resolve("last"));
        Node node = start(last, DirectoryClaim.UNKNOWN);
        try {
            assertEquals(Map.of("a", "inserted " + last.resolve("images/a.img")), disks(node));
        } finally {
            assertTrue(node.stop());
        }
    }
}
