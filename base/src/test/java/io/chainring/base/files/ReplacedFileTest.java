package io.chainring.base.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is believed to be in a file is in it, whatever failed. */
final class ReplacedFileTest {
    @TempDir Path folder;

    private boolean syncFails;
    private int syncs;

    private void sync(FileChannel entries) throws IOException {
        if (syncFails) {
            throw new IOException("Input/output error");
        }
        entries.force(true);
        syncs++;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The file is new, and whoever wrote it has heard of a failure: going back to the old text has to be written. */
    @Test
    void afterAFailedSyncOfTheFolderTheOldTextIsWrittenAgain() throws IOException {
        Path path = folder.resolve("disks.json");
        ReplacedFile file = new ReplacedFile(path, this::sync);
        file.write(bytes("old"));
        syncFails = true;
        FileSystemException e =
                assertThrows(FileSystemException.class, () -> file.write(bytes("new")));
        assertTrue(String.valueOf(e.getReason()).contains("it has been replaced"), e.toString());
        assertEquals("new", Files.readString(path));
        syncFails = false;
        file.write(bytes("old"));
        assertEquals("old", Files.readString(path));
        assertEquals(2, syncs);
    }

    @Test
    void afterAFailedSyncOfTheFolderTheSameTextIsWrittenAgainAndSynced() throws IOException {
        ReplacedFile file = new ReplacedFile(folder.resolve("disks.json"), this::sync);
        syncFails = true;
        assertThrows(IOException.class, () -> file.write(bytes("text")));
        assertThrows(IOException.class, () -> file.write(bytes("text")));
        syncFails = false;
        file.write(bytes("text"));
        assertEquals(1, syncs);
    }

    @Test
    void whatIsThereIsNotWrittenAgain() throws IOException {
        Path path = folder.resolve("disks.json");
        ReplacedFile file = new ReplacedFile(path);
        file.write(bytes("text"));
        FileTime past = FileTime.fromMillis(0);
        Files.setLastModifiedTime(path, past);
        file.write(bytes("text"));
        assertEquals(past, Files.getLastModifiedTime(path));
    }

    @Test
    void aFileThatCannotBeWrittenIsWrittenWhenItCanBe() throws IOException {
        Path inner = Files.createDirectory(folder.resolve("inner"));
        ReplacedFile file = new ReplacedFile(inner.resolve("disks.json"));
        file.write(bytes("text"));
        Files.delete(inner.resolve("disks.json"));
        Files.delete(inner);
        assertThrows(IOException.class, () -> file.write(bytes("other")));
        Files.createDirectory(inner);
        file.write(bytes("text"));
        assertEquals("text", Files.readString(inner.resolve("disks.json")));
    }
}
