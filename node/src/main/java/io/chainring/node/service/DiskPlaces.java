package io.chainring.node.service;

import io.chainring.base.files.PrivateFiles;
import io.chainring.node.StartException;
import io.chainring.node.data.DataDirectory;
import io.chainring.registry.rules.DiskStorage;
import io.chainring.registry.rules.RegisteredDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/** Where new disks go: image and journal. */
final class DiskPlaces {
    /** A disk that is served counts more than any number of those that are away. */
    private static final long SERVED = 1L << 32;

    private final DataDirectory data;
    private final int journals;

    /**
     * @param journals how many a new disk may choose from
     */
    DiskPlaces(DataDirectory data, int journals) {
        this.data = data;
        this.journals = journals;
    }

    /** Where the image of a new disk is that was given no path; makes its folder. */
    Path ownImage(String name, List<RegisteredDisk> known) throws StartException {
        Path image = data.image(name);
        // A disk that was called so before has kept its image.
        for (int i = 2; isUsed(image, known); i++) {
            image = data.image(name + "-" + i);
        }
        try {
            PrivateFiles.createFolders(Objects.requireNonNull(absolute(image).getParent()));
        } catch (IOException e) {
            throw new StartException("the folder of " + image + " cannot be made: " + e, e);
        }
        return image;
    }

    private static boolean isUsed(Path image, List<RegisteredDisk> known) {
        String path = absolute(image).toString();
        return known.stream().anyMatch(disk -> DiskKeeping.storage(disk).path().equals(path));
    }

    /**
     * Where a disk is that the node knows, or is making.
     *
     * @param isServed whether its loop has work with it now, or soon
     */
    record Placed(DiskStorage storage, boolean isServed) {}

    /**
     * Where a new disk is: in the journal of the loop that serves the fewest disks; among several, of the one with the
     * fewest disks in all. There it is called like itself alone: no other disk, of whatever name, ever finds its records.
     *
     * @param others all other disks
     */
    DiskStorage of(Path path, UUID uuid, List<Placed> others) {
        long[] users = new long[journals];
        for (Placed each : others) {
            users[each.storage().journal() % journals] += each.isServed() ? SERVED : 1;
        }
        int least = 0;
        for (int i = 1; i < journals; i++) {
            least = users[i] < users[least] ? i : least;
        }
        return new DiskStorage(absolute(path).toString(), 0, least, uuid.toString());
    }

    static Path absolute(Path path) {
        return path.toAbsolutePath().normalize();
    }
}
