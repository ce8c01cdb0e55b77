package io.chainring.node.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.chainring.node.StartException;
import io.chainring.node.control.ControlClient;
import io.chainring.node.control.DiskEntry;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A data directory that a node of format 1 left behind when it was killed: {@code disks.json} is the list, and the registry
 * knows nothing of images. Disk a has vdb and was grown, b was ejected from vdd, c has vdc and was renamed, another one was
 * forgotten.
 */
class OldDataDirectoryTest {
    @TempDir Path folder;
    private Path data;
    private String oldList;

    @BeforeEach
    void unpack() throws IOException {
        data = folder.resolve("data");
        try (InputStream in = getClass().getResourceAsStream("/data-directory-format-1.zip");
                ZipInputStream zip = new ZipInputStream(assertNotNullIn(in))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path file = data.resolve(entry.getName());
                Files.createDirectories(file.getParent());
                Files.write(file, zip.readAllBytes());
            }
        }
        oldList =
                Files.readString(data.resolve("disks.json"))
                        .replace("@FOLDER@", folder.toRealPath().toString());
        Files.writeString(data.resolve("disks.json"), oldList);
        image("a.img", 2 << 20);
        image("data/images/b.img", 1 << 20);
        image("data/images/c.img", 1 << 20);
    }

    private static InputStream assertNotNullIn(InputStream in) {
        assertNotNull(in);
        return in;
    }

    private void image(String name, long sizeBytes) throws IOException {
        Path image = folder.resolve(name);
        Files.createDirectories(image.getParent());
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(sizeBytes);
        }
    }

    private Node start() throws StartException {
        return Node.start(
                NodeSettings.of(
                        ConfigFactory.parseMap(
                                        Map.of(
                                                "chainring.node.data",
                                                data.toString(),
                                                "chainring.node.nbd.listen",
                                                List.of("127.0.0.1:0")))
                                .withFallback(ConfigFactory.load()),
                        List.of()));
    }

    private static String text(DiskEntry disk) {
        return disk.name()
                + " "
                + disk.state()
                + " "
                + disk.deviceName()
                + " "
                + disk.generation()
                + " "
                + disk.sizeBytes()
                + " "
                + disk.journal()
                + " "
                + disk.uuid().substring(0, 8);
    }

    private void servesAsBefore() throws Exception {
        Node node = start();
        try {
            assertEquals(
                    List.of(
                            "a inserted vdb 1 2097152 0 f4519e88",
                            "b free null 1 1048576 1 d46ce033",
                            "renamed inserted vdc 1 1048576 0 911553aa"),
                    new ControlClient(data)
                            .disks().stream().map(OldDataDirectoryTest::text).toList());
            // Its journal still calls it c: the epochs before are found there.
            assertTrue(
                    node.status().disks().stream().allMatch(disk -> disk.epoch() > 1),
                    () -> node.status().disks().toString());
            assertEquals(
                    1, node.exports().list().stream().filter(e -> e.name().equals("a")).count());
        } finally {
            assertTrue(node.stop());
        }
        assertTrue(Files.readString(data.resolve("node.json")).contains("2"));
        assertTrue(Files.readString(data.resolve("disks.json")).contains("\"format\" : 2"));
    }

    @Test
    void isTakenOverOnce() throws Exception {
        servesAsBefore();
        Files.delete(data.resolve("disks.json"));
        servesAsBefore();
    }

    /** The process died when the registry had everything and the directory's format was not changed yet. */
    @Test
    void isTakenOverAgainWhenThatWasCutShortAtItsEnd() throws Exception {
        servesAsBefore();
        Files.writeString(data.resolve("node.json"), "{\"format\":1}");
        Files.writeString(data.resolve("disks.json"), oldList);
        servesAsBefore();
    }

    /** The view cannot be written, or the process dies before it is: the registry is the list all the same. */
    @Test
    void needsNoListBehindItsEnd() throws Exception {
        Path inTheWay = Files.createDirectory(data.resolve("disks.json.new"));
        assertTrue(start().stop());
        assertTrue(Files.readString(data.resolve("node.json")).contains("2"));
        assertEquals(oldList, Files.readString(data.resolve("disks.json")));
        Files.delete(inTheWay);
        servesAsBefore();
    }

    /** The start ended in the middle of it, at a disk that the registry cannot take. */
    @Test
    void isTakenOverAgainWhenThatWasCutShortInItsMiddle() throws Exception {
        String more =
                "{\"name\":\"vdb\",\"path\":\"/nowhere.img\",\"sizeBytes\":512,\"journal\":0}]";
        Files.writeString(
                data.resolve("disks.json"), oldList.replaceAll("\\]\\s*}\\s*$", "," + more + "}"));
        String why = String.valueOf(assertThrows(StartException.class, this::start).getMessage());
        assertTrue(why.contains("vdb"), why);
        assertTrue(Files.readString(data.resolve("node.json")).contains("1"));
        Files.writeString(data.resolve("disks.json"), oldList);
        servesAsBefore();
    }
}
