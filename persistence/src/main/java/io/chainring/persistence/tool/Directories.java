package io.chainring.persistence.tool;

import io.chainring.persistence.database.HeldDirectory;
import io.chainring.persistence.database.RepairFolders;
import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.format.AcknowledgementMark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Looks at the files of a directory. */
final class Directories {
    private Directories() {}

    /**
     * Makes sure that there is a database, which a tool may open: in a folder of anything else LevelDB would make a new one.
     *
     * @throws StoreException.NotAJournal if there is none
     * @throws StoreException.Damaged if a repair was cut short
     */
    static void mustHoldDatabase(Path directory) {
        if (!Files.isDirectory(directory)) {
            throw new StoreException.NotAJournal(directory, "there is no such journal directory");
        }
        RepairFolders.mustNotBeCutShort(directory);
        List<String> names = names(directory);
        if (names.isEmpty()) {
            throw new StoreException.NotAJournal(directory, "is empty, there is no journal in it");
        }
        if (names.stream().noneMatch(Directories::isContent)) {
            throw new StoreException.NotAJournal(directory, "there is no journal in it");
        }
    }

    /** Whether a name is that of a file with a database's content. */
    private static boolean isContent(String name) {
        return name.matches("CURRENT|MANIFEST-[0-9]+|[0-9]+\\.(log|ldb|sst)");
    }

    /** Whether a name is that of a file of a database; anything else in its folder belongs to somebody. */
    static boolean isOurs(String name) {
        return isContent(name)
                || name.matches("LOCK|LOG|LOG\\.old|[0-9]+\\.dbtmp")
                || name.equals(AcknowledgementMark.FILE_NAME);
    }

    /** Whether it goes along when a database is copied. */
    static boolean isCopied(Path file) {
        String name = file.getFileName().toString();
        return isOurs(name) && Files.isRegularFile(file) && !name.equals(HeldDirectory.LOCK);
    }

    /** Removes the files of a database that is held: all but its LOCK. */
    static void deleteHeldDatabase(Path directory) throws IOException {
        for (String name : names(directory)) {
            if (isOurs(name) && !name.equals(HeldDirectory.LOCK)) {
                Files.deleteIfExists(directory.resolve(name));
            }
        }
    }

    /** Removes a database and leaves everything else; does nothing where there is no folder. */
    static void deleteDatabase(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        deleteHeldDatabase(directory);
        Files.deleteIfExists(directory.resolve(HeldDirectory.LOCK));
    }

    static List<String> names(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(directory + ": cannot be read", e);
        }
    }

    static long sizeBytes(Path directory) {
        long sum = 0;
        for (String name : names(directory)) {
            try {
                sum += Files.size(directory.resolve(name));
            } catch (NoSuchFileException e) {
                // LevelDB removed it meanwhile: it takes no space.
                sum += 0;
            } catch (IOException e) {
                throw new UncheckedIOException(directory.resolve(name) + ": cannot be read", e);
            }
        }
        return sum;
    }
}
