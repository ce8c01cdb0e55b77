package io.chainring.base.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What others have planted is neither followed nor opened; what is made is this user's alone. */
class PrivateFilesTest {
    @TempDir Path folder;

    static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(
                Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS));
    }

    static void mode(Path file, String permissions) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void foldersAndFilesAreTheOwnersAlone() throws IOException {
        Path deep = folder.resolve("a/b");
        PrivateFiles.createFolders(deep);
        assertEquals("rwx------", mode(deep));
        assertEquals("rwx------", mode(folder.resolve("a")));
        Path made = deep.resolve("f");
        PrivateFiles.createNew(made).close();
        assertEquals("rw-------", mode(made));
        PrivateFiles.replace(deep.resolve("g"), bytes("text"));
        assertEquals("rw-------", mode(deep.resolve("g")));
        assertEquals("rwx------", mode(PrivateFiles.temporaryFolder(made)));
    }

    @Test
    void aFileOfAThirdUserIsNotOpened() throws IOException {
        assumeTrue(
                Integer.valueOf(0).equals(FileAccess.self()), "missing: root, to give files away");
        Path theirs = Files.writeString(folder.resolve("theirs"), "planted");
        Files.setAttribute(theirs, "unix:uid", 65_534);
        FileSystemException e =
                assertThrows(FileSystemException.class, () -> PrivateFiles.openOrCreate(theirs));
        assertTrue(String.valueOf(e.getReason()).contains("another user"), e::toString);
    }

    @Test
    void aLinkIsNeitherFollowedNorMadeThrough() throws IOException {
        Path victim = Files.writeString(folder.resolve("victim"), "precious");
        Path link = Files.createSymbolicLink(folder.resolve("link"), victim);
        Path dangling = folder.resolve("dangling");
        Files.createSymbolicLink(dangling, folder.resolve("nowhere"));
        for (Path planted : new Path[] {link, dangling}) {
            FileSystemException e =
                    assertThrows(
                            FileSystemException.class, () -> PrivateFiles.openOrCreate(planted));
            assertTrue(String.valueOf(e.getReason()).contains("a symbolic link"), e.toString());
            assertThrows(FileAlreadyExistsException.class, () -> PrivateFiles.createNew(planted));
        }
        assertFalse(Files.exists(folder.resolve("nowhere")));
        assertEquals("precious", Files.readString(victim));
    }

    @Test
    void replacingLeavesAloneWhatAPlantedLinkPointsTo() throws IOException {
        Path victim = Files.writeString(folder.resolve("victim"), "precious");
        Files.createSymbolicLink(folder.resolve("node.json.new"), victim);
        Files.createSymbolicLink(folder.resolve("node.json"), victim);
        PrivateFiles.replace(folder.resolve("node.json"), bytes("new"));
        assertEquals("precious", Files.readString(victim));
        assertEquals("new", Files.readString(folder.resolve("node.json")));
        assertTrue(Files.isRegularFile(folder.resolve("node.json"), LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void whatIsNoPlainFileOfOneNameIsRefusedUnopened() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        Path file = Files.createFile(folder.resolve("file"));
        Path hard = Files.createLink(folder.resolve("hard"), file);
        Path inner = Files.createDirectory(folder.resolve("inner"));
        mode(folder, "rwxrwx---");
        // A pipe without a reader blocks whoever opens it for writing.
        for (Path planted : new Path[] {pipe, hard, inner}) {
            assertThrows(FileSystemException.class, () -> PrivateFiles.openOrCreate(planted));
        }
        mode(folder, "rwx------");
        PrivateFiles.openOrCreate(hard).close();
        try (FileChannel opened = PrivateFiles.openOrCreate(file)) {
            assertTrue(opened.isOpen());
        }
    }

    @Test
    void aFileIsKnownByAllItsNamesAndNotByItsLinks() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        Path hard = Files.createLink(folder.resolve("hard"), file);
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);
        FileIdentity identity = FileIdentity.of(file);
        assertTrue(identity.isAt(hard));
        assertFalse(identity.isAt(link));
        assertFalse(identity.isAt(folder.resolve("missing")));
        assertEquals(2, FileAccess.links(file));
    }

    @Test
    void looseIsReachableOnlyThroughOpenFolders() throws IOException {
        mode(folder, "rwx------");
        Path inner = Files.createDirectory(folder.resolve("inner"));
        mode(inner, "rwxr-xr-x");
        Path file = Files.createFile(inner.resolve("file"));
        mode(file, "rw-r--r--");
        assertTrue(FileAccess.isLoose(file));
        assertFalse(FileAccess.isReachable(file));
        mode(folder, "rwxr-xr-x");
        assertTrue(FileAccess.isReachable(file));
        mode(file, "rw-------");
        assertFalse(FileAccess.isReachable(file));
    }

    @Test
    void aFolderThatOthersMayWriteToIsOpenUnlessItIsSticky() throws IOException {
        Path inner = Files.createDirectory(folder.resolve("inner"));
        assertNull(FileAccess.openToOthersFrom(inner));
        mode(folder, "rwxrwx---");
        assertEquals(folder.toRealPath(), FileAccess.openToOthersFrom(inner));
        Files.setAttribute(folder, "unix:mode", 01777);
        assertNull(FileAccess.openToOthersFrom(inner));
        mode(folder, "rwx------");
    }
}
