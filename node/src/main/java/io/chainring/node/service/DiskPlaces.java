package io.chainring.node.service;

import io.chainring.base.files.PrivateFiles;
import io.chainring.node.StartException;
import io.chainring.node.data.DataDirectory;
import io.chainring.registry.rules.DiskStorage;
import io.chainring.registry.rules.RegisteredDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/** Where new disks go: image and journal. */
final class DiskPlaces {
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

    /** Where a new disk is: in the journal with the fewest disks, under a name that is free there. */
    DiskStorage of(
            String name,
            Path path,
            UUID uuid,
            List<RegisteredDisk> known,
            List<DiskStorage> planned) {
        int[] users = new int[journals];
        List<DiskStorage> all = new ArrayList<>(planned);
        known.forEach(disk -> all.add(DiskKeeping.storage(disk)));
        boolean taken = false;
        for (DiskStorage each : all) {
            if (each.journal() < journals) {
                users[each.journal()]++;
            }
            taken |= each.journalId().equals(name);
        }
        int least = 0;
        for (int i = 1; i < journals; i++) {
            least = users[i] < users[least] ? i : least;
        }
        return new DiskStorage(
                absolute(path).toString(), 0, least, taken ? name + "-" + uuid : name);
    }

    static Path absolute(Path path) {
        return path.toAbsolutePath().normalize();
    }
}
