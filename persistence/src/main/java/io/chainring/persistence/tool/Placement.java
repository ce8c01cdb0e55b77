package io.chainring.persistence.tool;

import io.chainring.persistence.database.HeldDirectory;
import io.chainring.persistence.database.RepairFolders;
import io.chainring.persistence.database.StoreException;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Puts a repaired database in the place of the damaged one, file by file, since the folder may be a mount point or hold
 * files of others; the directory is held meanwhile. Whenever that is cut short, by a kill or a power loss, it goes on where it was
 * ({@link RepairFolders}); what the repair has to say goes along in a file.
 */
final class Placement {
    private static final String REPORT = "REPAIR";

    private final Path directory;
    private final Opener opener;
    private final Path repairing;
    private final Path repaired;
    private final Path placing;

    Placement(Path directory, Opener opener) {
        this.directory = directory;
        this.opener = opener;
        this.repairing = RepairFolders.repairing(directory);
        this.repaired = RepairFolders.repaired(directory);
        this.placing = RepairFolders.placing(directory);
    }

    /** Opens what is to be synced. */
    @FunctionalInterface
    interface Opener {
        /** Opens a file, or a folder, to read. */
        FileChannel open(Path file) throws IOException;
    }

    /** An empty folder for the new database. */
    Path begin() throws IOException {
        // Of an attempt that did not come to its end.
        discard();
        return repairing;
    }

    /** Removes what was made. */
    void discard() throws IOException {
        Files.deleteIfExists(repairing.resolve(REPORT));
        Directories.deleteDatabase(repairing);
        Files.deleteIfExists(repairing);
    }

    /** The new database is closed: from now on it is what the directory is going to have. */
    void commit(Repair repair) throws IOException {
        write(repairing.resolve(REPORT), repair);
        for (String name : Directories.names(repairing)) {
            sync(repairing.resolve(name));
        }
        sync(repairing);
        move(repairing, repaired);
    }

    /**
     * Does what is left of a placement that was committed.
     *
     * @return what its repair had to say; null if there is none
     */
    @Nullable Repair finish() throws IOException {
        if (Files.exists(repaired)) {
            Directories.deleteHeldDatabase(directory);
            sync(directory);
            move(repaired, placing);
        }
        if (!Files.exists(placing)) {
            return null;
        }
        Path report = placing.resolve(REPORT);
        if (!Files.exists(report)) {
            // All but the folder was gone already.
            Files.delete(placing);
            return null;
        }
        Repair repair = read(report);
        for (String name : Directories.names(placing)) {
            if (name.equals(HeldDirectory.LOCK)) {
                Files.delete(placing.resolve(name));
            } else if (!name.equals(REPORT)) {
                Files.move(
                        placing.resolve(name),
                        directory.resolve(name),
                        StandardCopyOption.ATOMIC_MOVE);
            }
        }
        sync(directory);
        Files.delete(report);
        Files.delete(placing);
        sync(directory.resolveSibling("."));
        return repair;
    }

    private void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        sync(directory.resolveSibling("."));
    }

    /** A file's content, or a folder's names. */
    void sync(Path file) throws IOException {
        try (FileChannel channel = opener.open(file)) {
            channel.force(true);
        }
    }

    private static void write(Path file, Repair repair) throws IOException {
        try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(file))) {
            out.writeUTF(repair.backup().toString());
            out.writeLong(repair.persistenceIds());
            out.writeLong(repair.events());
            out.writeInt(repair.losses().size());
            for (Repair.Loss loss : repair.losses()) {
                out.writeBoolean(loss.persistenceId() != null);
                out.writeUTF(loss.persistenceId() == null ? "" : loss.persistenceId());
                out.writeUTF(loss.what());
            }
        }
    }

    private Repair read(Path file) throws IOException {
        try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
            Path backup = Path.of(in.readUTF());
            long persistenceIds = in.readLong();
            long events = in.readLong();
            List<Repair.Loss> losses = new ArrayList<>();
            for (int left = in.readInt(); left > 0; left--) {
                boolean isSomebodys = in.readBoolean();
                String persistenceId = in.readUTF();
                losses.add(new Repair.Loss(isSomebodys ? persistenceId : null, in.readUTF()));
            }
            return new Repair(backup, losses, persistenceIds, events);
        } catch (java.io.EOFException e) {
            throw new StoreException.Damaged(
                    directory,
                    file + " is cut off; the files beside it are the repaired journal",
                    e);
        }
    }
}
