package io.chainring.node.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.node.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are never disks, under all their names; nothing is opened to find out. */
class DiskPathsTest {
    @TempDir Path folder;
    private Path data;
    private DiskPaths paths;

    @BeforeEach
    void make() throws IOException {
        data = node("data");
        paths = new DiskPaths(data, data.resolve("images"));
    }

    private Path node(String name) throws IOException {
        Path made = Files.createDirectory(folder.resolve(name));
        Files.createFile(made.resolve("lock"));
        Files.createFile(made.resolve("node.json"));
        for (String each : new String[] {"registry", "journals/0", "images"}) {
            Files.createDirectories(made.resolve(each));
        }
        for (String each : new String[] {"registry", "journals/0"}) {
            Files.createFile(made.resolve(each).resolve("LOCK"));
            Files.createFile(made.resolve(each).resolve("CURRENT"));
        }
        return made;
    }

    private void refused(Path image, String why) {
        StartException e =
                assertThrows(StartException.class, () -> paths.checkNew(image, Map.of()));
        String line = String.valueOf(e.getMessage());
        assertTrue(line.contains(image.toString()) && line.contains(why), line);
        assertEquals(1, line.lines().count());
    }

    private void allowed(Path image) throws StartException {
        paths.checkNew(image, Map.of());
    }

    @Test
    void onlyTheFolderOfImagesHasDisksInADataDirectory() throws Exception {
        allowed(data.resolve("images/new.img"));
        allowed(Files.createFile(data.resolve("images/there.img")));
        allowed(folder.resolve("elsewhere.img"));
        allowed(folder.resolve("no/such/folder.img"));
        refused(data.resolve("lock"), "inside of the data directory");
        refused(data.resolve("new.img"), "inside of the data directory");
        refused(data.resolve("images/../lock"), "inside of the data directory");
        refused(data.resolve("journals/new.img"), "inside of the data directory");
        refused(data.resolve("registry/LOCK"), "LevelDB");
        Path way = Files.createSymbolicLink(folder.resolve("way"), data);
        refused(way.resolve("lock"), "inside of the data directory");
        allowed(way.resolve("images/new.img"));
    }

    @Test
    void aKnownDiskInTheDataDirectoryItselfGoesOnUnlessTheFileIsOurs() throws Exception {
        Path image = Files.createFile(data.resolve("old.img"));
        paths.checkKnown(image);
        Files.createLink(folder.resolve("backup.img"), image);
        paths.checkKnown(image);
        for (String own : new String[] {"lock", "node.json", "registry/LOCK", "journals/x"}) {
            assertThrows(StartException.class, () -> paths.checkKnown(data.resolve(own)), own);
        }
        Files.createLink(data.resolve("hard.img"), data.resolve("lock"));
        assertThrows(StartException.class, () -> paths.checkKnown(data.resolve("hard.img")));
    }

    @Test
    void partsOfADataDirectoryMayLieElsewhere() throws Exception {
        Path big = Files.createDirectory(folder.resolve("big"));
        Files.delete(data.resolve("images"));
        Files.createSymbolicLink(data.resolve("images"), big);
        allowed(big.resolve("new.img"));
        allowed(data.resolve("images/new.img"));
        Path fast = Files.createDirectory(folder.resolve("fast"));
        Files.createDirectory(fast.resolve("7"));
        Files.createSymbolicLink(data.resolve("journals/7"), fast.resolve("7"));
        refused(fast.resolve("7/new.img"), "inside of the data directory");
    }

    @Test
    void anotherNodesFilesAreNoDisksEither() throws Exception {
        Path other = node("other");
        refused(other.resolve("lock"), "the data directory of another node");
        refused(other.resolve("registry/LOCK"), "LevelDB");
        allowed(other.resolve("images/a.img"));
    }

    @Test
    void otherNamesAreNoWayAround() throws Exception {
        Path lock = data.resolve("lock");
        refused(Files.createLink(folder.resolve("hard"), lock), "is another name of " + lock);
        Path table = data.resolve("journals/0/LOCK");
        refused(Files.createLink(folder.resolve("table"), table), "is another name of " + table);
        refused(Files.createSymbolicLink(folder.resolve("soft"), lock), "a symbolic link");
        Path hard = Files.createLink(data.resolve("images/hard.img"), lock);
        refused(hard, "is another name of " + lock);
        Path image = Files.createFile(data.resolve("images/a.img"));
        Path again = Files.createLink(folder.resolve("again.img"), image);
        StartException e =
                assertThrows(StartException.class, () -> paths.checkNew(again, Map.of("a", image)));
        assertTrue(String.valueOf(e.getMessage()).contains("belongs to disk a already"));
        allowed(again);
    }

    @Test
    void whatIsNoPlainFileIsNamed() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        refused(pipe, "is a device, socket or pipe");
        refused(Path.of("/dev/zero"), "is a device, socket or pipe");
        refused(folder, "is a directory");
    }
}
