package io.chainring.node.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.node.StartException;
import java.nio.file.Files;
import java.nio.file.Path;
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

    private static DiskRecord disk(String name, int journal) {
        return new DiskRecord(
                name, Path.of("/images/" + name), 1 << 20, journal, UUID.randomUUID());
    }

    @Test
    void remembersItsDisks() throws Exception {
        DiskRecord a = disk("a", 0);
        DiskRecord b = disk("b", 1).withSizeBytes(2 << 20);
        try (DataDirectory data = DataDirectory.open(folder.resolve("deep/data"))) {
            assertEquals(List.of(), data.disks());
            data.put(a);
            data.put(b.withSizeBytes(1 << 20));
            data.put(b);
        }
        try (DataDirectory data = DataDirectory.open(folder.resolve("deep/data"))) {
            assertEquals(List.of(a, b), data.disks());
            assertEquals(b, data.disk("b"));
            assertNull(data.disk("c"));
        }
    }

    @Test
    void spreadsDisksOverJournals() throws Exception {
        try (DataDirectory data = DataDirectory.open(folder)) {
            assertEquals(0, DataDirectory.leastUsedJournal(data.disks(), 2));
            data.put(disk("a", 0));
            assertEquals(1, DataDirectory.leastUsedJournal(data.disks(), 2));
            data.put(disk("b", 1));
            data.put(disk("c", 7));
            assertEquals(0, DataDirectory.leastUsedJournal(data.disks(), 2));
            assertEquals(0, DataDirectory.leastUsedJournal(data.disks(), 1));
        }
    }

    @Test
    void oneImageIsOneDisk() throws Exception {
        try (DataDirectory data = DataDirectory.open(folder)) {
            data.put(disk("a", 0));
            DiskRecord same =
                    new DiskRecord("b", Path.of("/images/x/../a"), 512, 0, UUID.randomUUID());
            String why =
                    String.valueOf(
                            assertThrows(StartException.class, () -> data.put(same)).getMessage());
            assertTrue(why.contains("belongs to disk a already"), why);
            assertEquals(1, data.disks().size());
        }
    }

    @Test
    void isLockedWhileItIsOpen() throws Exception {
        try (DataDirectory first = DataDirectory.open(folder)) {
            assertThrows(StartException.class, () -> DataDirectory.open(first.directory()));
        }
        DataDirectory.open(folder).close();
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
                "{\"format\":1,\"disks\":[D+sizeBytes=1000]} | not a positive multiple of 512",
                "{\"format\":1,\"disks\":[D+sizeBytes=-512]} | not a positive multiple of 512",
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
                        assertThrows(StartException.class, () -> DataDirectory.open(folder))
                                .getMessage());
        assertTrue(message.contains(why), message);
        assertTrue(message.contains("disks.json"), message);
        assertEquals(1, message.lines().count(), message);
        Files.delete(folder.resolve("disks.json"));
        DataDirectory.open(folder).close();
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
                        assertThrows(StartException.class, () -> DataDirectory.open(folder))
                                .getMessage());
        assertTrue(why.contains("at most"), why);
    }
}
