package io.chainring.node.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.chainring.node.StartException;
import io.chainring.registry.name.DeviceName;
import io.chainring.registry.rules.DiskState;
import io.chainring.registry.rules.DiskStorage;
import io.chainring.registry.rules.RegisteredDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DataDirectoryTest {
    private static final String DISK =
            "{\"name\":\"a\",\"path\":\"/a.img\",\"sizeBytes\":1024,\"journal\":0,"
                    + "\"uuid\":\"8f5cbd3e-0000-4000-8000-000000000001\"}";

    @TempDir Path folder;

    private static RegisteredDisk disk(String name) {
        return new RegisteredDisk(
                UUID.fromString("8f5cbd3e-0000-4000-8000-000000000001"),
                name,
                DeviceName.parse("vdc"),
                1,
                DiskState.INSERTED,
                1,
                1,
                new DiskStorage("/images/" + name, 1 << 20, 1, "first"));
    }

    @Test
    void whatItShowsIsNeverReadAgain() throws Exception {
        Path deep = folder.resolve("deep/data");
        try (DataDirectory data = DataDirectory.open(deep, DirectoryClaim.UNKNOWN)) {
            assertNull(data.oldList());
            data.export(List.of(disk("a")));
            String text = Files.readString(deep.resolve("disks.json"));
            assertTrue(text.contains("\"format\" : 2") && text.contains("\"/images/a\""), text);
        }
        Files.writeString(deep.resolve("disks.json"), "rubbish");
        try (DataDirectory data = DataDirectory.open(deep, DirectoryClaim.UNKNOWN)) {
            assertNull(data.oldList());
            data.export(List.of(disk("b")));
        }
        assertTrue(Files.readString(deep.resolve("disks.json")).contains("\"b\""));
    }

    @Test
    void anOldListIsReadUntilItIsConverted() throws Exception {
        Files.writeString(folder.resolve("node.json"), "{\"format\":1}");
        Files.writeString(folder.resolve("disks.json"), "{\"format\":1,\"disks\":[" + DISK + "]}");
        for (int start = 0; start < 2; start++) {
            try (DataDirectory data = DataDirectory.open(folder, DirectoryClaim.UNKNOWN)) {
                assertEquals("a", data.oldList().get(0).name());
                assertEquals("a", data.oldList().get(0).storage().journalId());
            }
        }
        try (DataDirectory data = DataDirectory.open(folder, DirectoryClaim.UNKNOWN)) {
            data.converted(List.of(disk("a")));
            assertNull(data.oldList());
        }
        try (DataDirectory data = DataDirectory.open(folder, DirectoryClaim.UNKNOWN)) {
            assertNull(data.oldList());
        }
    }

    @Test
    void isLockedWhileItIsOpen() throws Exception {
        try (DataDirectory first = DataDirectory.open(folder, DirectoryClaim.UNKNOWN)) {
            assertThrows(
                    StartException.class,
                    () -> DataDirectory.open(first.directory(), DirectoryClaim.UNKNOWN));
        }
        DataDirectory.open(folder, DirectoryClaim.UNKNOWN).close();
    }

    /** The system's lock on a file is the whole process's, and goes when any descriptor of the file is closed. */
    @Test
    void aSecondOpeningInOneProcessKeepsTheLockAgainstOthers() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), folder);
        try (DataDirectory first = DataDirectory.open(folder, DirectoryClaim.UNKNOWN)) {
            assertEquals(1, locks(folder.resolve("lock")));
            for (Path again : List.of(first.directory(), link)) {
                String why =
                        String.valueOf(
                                assertThrows(
                                                StartException.class,
                                                () ->
                                                        DataDirectory.open(
                                                                again, DirectoryClaim.UNKNOWN))
                                        .getMessage());
                assertTrue(why.contains("in use"), why);
            }
            assertEquals(1, locks(folder.resolve("lock")));
        }
        assertEquals(0, locks(folder.resolve("lock")));
    }

    /** POSIX locks that processes hold on a file. */
    private static long locks(Path file) throws Exception {
        Path all = Path.of("/proc/locks");
        assumeTrue(Files.isReadable(all), "this machine lacks /proc/locks");
        String inode = ":" + Files.getAttribute(file, "unix:ino") + " ";
        return Files.readAllLines(all).stream()
                .filter(line -> line.contains("POSIX") && line.contains(inode))
                .count();
    }

    @Test
    void whatItMakesIsTheOwnersAlone() throws Exception {
        Path data = folder.resolve("deep/data");
        try (DataDirectory opened = DataDirectory.open(data, DirectoryClaim.UNKNOWN)) {
            opened.export(List.of(disk("a")));
            for (Path each : List.of(data, folder.resolve("deep"))) {
                assertEquals("rwx------", mode(each), each.toString());
            }
            for (String each : List.of("lock", "node.json", "disks.json")) {
                assertEquals("rw-------", mode(data.resolve(each)), each);
            }
        }
    }

    private static String mode(Path file) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void followsNoLinkThatSomebodyPlanted() throws Exception {
        Path victim = Files.writeString(folder.resolve("victim"), "precious");
        Path data = Files.createDirectory(folder.resolve("data"));
        Files.createSymbolicLink(data.resolve("node.json.new"), victim);
        Files.createSymbolicLink(data.resolve("disks.json.new"), victim);
        try (DataDirectory opened = DataDirectory.open(data, DirectoryClaim.UNKNOWN)) {
            opened.export(List.of(disk("a")));
        }
        assertEquals("precious", Files.readString(victim));
        Files.delete(data.resolve("lock"));
        for (Path target : List.of(victim, folder.resolve("nowhere"))) {
            Path planted = Files.createSymbolicLink(data.resolve("lock"), target);
            String why =
                    String.valueOf(
                            assertThrows(
                                            StartException.class,
                                            () -> DataDirectory.open(data, DirectoryClaim.UNKNOWN))
                                    .getMessage());
            assertTrue(why.contains("lock file: it is a symbolic link"), why);
            Files.delete(planted);
        }
        assertFalse(Files.exists(folder.resolve("nowhere")));
        // A pipe without a reader would block the start for ever.
        Path pipe = data.resolve("lock");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        assertThrows(StartException.class, () -> DataDirectory.open(data, DirectoryClaim.UNKNOWN));
    }

    /** Whoever edits the file by hand is told what is wrong with it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "[] | it is not a JSON object",
                "{ | it is not JSON",
                "{} | 'format' is missing",
                "{\"format\":\"1\"} | 'format' is \"1\"",
                "{\"format\":2,\"disks\":[]} | this program knows 1",
                "{\"format\":1} | 'disks' is not a list",
                "{\"format\":1,\"disks\":[1]} | disk number 1 is not an object",
                "{\"format\":1,\"disks\":[D,D]} | two disks have the name a",
                "{\"format\":1,\"disks\":[D+name=b,D]} | two disks have the image /a.img",
                "{\"format\":1,\"disks\":[D+name=../a]} | disk name '../a'",
                "{\"format\":1,\"disks\":[D+path=a.img]} | is not absolute",
                "{\"format\":1,\"disks\":[D+sizeBytes=0]} | a size of 0 bytes",
                "{\"format\":1,\"disks\":[D+sizeBytes=-512]} | a size of -512 bytes",
                "{\"format\":1,\"disks\":[D+sizeBytes=1e3]} | 'sizeBytes' is not a whole number",
                "{\"format\":1,\"disks\":[D+journal=-1]} | allowed are 0 to 1023",
                "{\"format\":1,\"disks\":[D+journal=5000000000]} | disk number 1",
                "{\"format\":1,\"disks\":[D+uuid=1-2-3-4-5]} | is no UUID",
                "{\"format\":1,\"disks\":[D+more=1]} | unknown field 'more'",
                "{\"format\":1,\"disks\":[D+journalId=a/b]} | its journal id is not letters",
            })
    void damagedListsAreRefused(String form, String why) throws Exception {
        Files.writeString(folder.resolve("disks.json"), expand(form));
        String message =
                String.valueOf(
                        assertThrows(
                                        StartException.class,
                                        () -> DataDirectory.open(folder, DirectoryClaim.UNKNOWN))
                                .getMessage());
        assertTrue(message.contains(why), message);
        assertTrue(message.contains("disks.json"), message);
        assertEquals(1, message.lines().count(), message);
        Files.delete(folder.resolve("disks.json"));
        DataDirectory.open(folder, DirectoryClaim.UNKNOWN).close();
    }

    /** {@code D} is a disk, {@code D+field=value} one with another field. */
    private static String expand(String form) {
        java.util.regex.Matcher changed =
                java.util.regex.Pattern.compile("D\\+(\\w+)=([^,\\]]+)").matcher(form);
        String text = form;
        if (changed.find()) {
            String field = changed.group(1);
            String value = changed.group(2);
            boolean number = value.matches("-?[0-9e]+");
            String entry = "\"" + field + "\":" + (number ? value : "\"" + value + "\"");
            String pattern = "\"" + field + "\":(\"[^\"]*\"|[0-9]+)";
            String disk =
                    DISK.matches(".*" + pattern + ".*")
                            ? DISK.replaceFirst(
                                    pattern, java.util.regex.Matcher.quoteReplacement(entry))
                            : DISK.replace("{", "{" + entry + ",");
            text = form.replace(changed.group(), disk);
        }
        return text.replaceAll(
                "(?<=[\\[,])D(?=[\\],])", java.util.regex.Matcher.quoteReplacement(DISK));
    }

    @Test
    void aListThatIsTooLongIsNotRead() throws Exception {
        Files.write(folder.resolve("disks.json"), new byte[(4 << 20) + 1]);
        String why =
                String.valueOf(
                        assertThrows(
                                        StartException.class,
                                        () -> DataDirectory.open(folder, DirectoryClaim.UNKNOWN))
                                .getMessage());
        assertTrue(why.contains("at most"), why);
    }
}
