package io.chainring.persistence.tool;

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
