package io.chainring.base.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One place for unpacked libraries, used again only when every byte is what it was. */
class LibraryFolderTest {
    private static final byte[] LIBRARY = {1, 2, 3, 4};

    @TempDir Path folder;

    private static Path put(Path place, byte[] content) throws IOException {
        return LibraryFolder.find(place.toString())
                .put("leveldbjni", "libleveldbjni.so", new ByteArrayInputStream(content));
    }

    private static long files(Path place) throws IOException {
        try (Stream<Path> all = Files.walk(place)) {
            return all.filter(Files::isRegularFile).count();
        }
    }

    @Test
    void isUnpackedOnceAndUsedAgain() throws IOException {
        Path place = folder.resolve("native");
        Path library = put(place, LIBRARY);
        Object first = FileIdentity.of(library);
        assertArrayEquals(LIBRARY, Files.readAllBytes(library));
        assertEquals("rwx------", PrivateFilesTest.mode(place));
        assertEquals("rwx------", PrivateFilesTest.mode(library));
        for (int i = 0; i < 10; i++) {
            assertEquals(library, put(place, LIBRARY));
            // Each time: an inode that was given back may be given again.
            assertEquals(first, FileIdentity.of(library), "it was written again");
        }
        assertEquals(2, files(place), "the library and the lock");
        assertNotEquals(library.getParent(), put(place, new byte[] {9}).getParent());
    }

    @Test
    void whatIsNotTheLibraryIsReplaced() throws IOException {
        Path place = folder.resolve("native");
        Path library = put(place, LIBRARY);
        // What a killed process left half written does not get in the way either.
        Files.write(library.resolveSibling("libleveldbjni.so.new"), new byte[1]);
        Files.write(library, new byte[] {1, 2, 3, 5});
        assertArrayEquals(LIBRARY, Files.readAllBytes(put(place, LIBRARY)));
        PrivateFilesTest.mode(library, "rwxrwxrwx");
        assertEquals("rwx------", PrivateFilesTest.mode(put(place, LIBRARY)));
        Path evil = Files.write(folder.resolve("evil"), new byte[] {6});
        Files.delete(library);
        Files.createSymbolicLink(library, evil);
        assertArrayEquals(LIBRARY, Files.readAllBytes(put(place, LIBRARY)));
        assertArrayEquals(new byte[] {6}, Files.readAllBytes(evil));
        assertEquals(2, files(place));
    }

    @Test
    void aPlaceThatOthersMayChangeIsPassedOver() throws IOException {
        Path open = Files.createDirectory(folder.resolve("open"));
        PrivateFilesTest.mode(open, "rwxrwxrwx");
        Path good = folder.resolve("good");
        // The folder itself, and one in a folder in which it could be swapped.
        LibraryFolder found =
                LibraryFolder.first(List.of(open, open.resolve("native"), good), true);
        assertEquals(good.toRealPath(), found.path());
        IOException e = assertThrows(IOException.class, () -> LibraryFolder.find(open.toString()));
        assertTrue(String.valueOf(e.getMessage()).contains(open + ": it belongs to"), e.toString());
    }

    @Test
    void whoHasNoHomeGetsOneInTheTemporaryFolder() {
        String temporary = folder.toString();
        List<Path> places = LibraryFolder.usualPlaces(null, "/nonexistent", temporary);
        assertEquals(1, places.size());
        assertEquals(folder, places.get(0).getParent());
        Integer self = FileAccess.self();
        assertEquals(
                "chainring-native" + (self == null ? "" : "-" + self),
                places.get(0).getFileName().toString());
        assertEquals(
                Path.of("/c/chainring/native"),
                LibraryFolder.usualPlaces("/c", temporary, temporary).get(0));
    }
}
