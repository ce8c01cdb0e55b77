package io.chainring.base.power;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A folder on storage that forgets: what was done to it is applied one operation after another, and at any moment the
 * power may fail, as often as one likes: {@link #cut} writes one of the images that may then be left.
 *
 * <p>Contents of files: {@link VolatileFile}. Names: one of two models.
 */
public final class VolatileStorage {
    /** Which changes of names survive. */
    public enum Model {
        /**
         * What POSIX promises and no more: a change of names is on stable storage when its folder was synced. Of the others
         * any subset survives, in any order; a rename is whole.
         */
        POSIX,
        /**
         * A journal of metadata, as ext4 and XFS have it: changes of names and lengths survive in their order, some first part
         * of them, which reaches at least to the last one of each file or folder that was synced since, and to the last of all
         * where a synced file has got longer or new blocks: that changes metadata too.
         */
        JOURNALED
    }

    private enum Change {
        BIND,
        REMOVE,
        LENGTH,
        FOLDER
    }

    private static final class NameChange {
        final Change change;
        final String folder;
        final String name;
        final VolatileFile file;
        final @Nullable String oldName;
        final int time;
        boolean durable;

        NameChange(
                Change change,
                String folder,
                String name,
                VolatileFile file,
                @Nullable String oldName,
                int time) {
            this.change = change;
            this.folder = folder;
            this.name = name;
            this.file = file;
            this.oldName = oldName;
            this.time = time;
        }
    }

    private final Model model;
    private final Path root;
    private final Map<String, VolatileFile> names = new TreeMap<>();
    private final Map<Long, VolatileFile> files = new HashMap<>();
    private final Set<String> folders = new HashSet<>();
    private final List<NameChange> changes = new ArrayList<>();
    private final Map<String, Integer> lastChangeOfFolder = new HashMap<>();

    /** Changes below this one are on stable storage; of the model with a journal. */
    private int committed;

    private int time;

    /**
     * An empty folder.
     *
     * @param root its path in the record
     */
    public VolatileStorage(Model model, Path root) {
        this.model = model;
        this.root = root.toAbsolutePath();
    }

    /** Does what the recorded process did. */
    public void apply(Operation operation) {
        time++;
        switch (operation.kind()) {
            case CREATE -> create(operation);
            case WRITE -> {
                VolatileFile file = file(operation);
                boolean mapped = operation.lengthBytes() == 1;
                file.write(time, operation.offsetBytes(), operation.data(), mapped);
            }
            case LENGTH -> {
                file(operation).length(time, operation.offsetBytes());
                add(new NameChange(Change.LENGTH, "", "", file(operation), null, time));
            }
            case ZERO ->
                    file(operation).zero(time, operation.offsetBytes(), operation.lengthBytes());
            case SYNC -> {
                file(operation).sync();
                commit(file(operation));
            }
            case SYNC_RANGE -> {
                file(operation).sync(operation.offsetBytes(), operation.lengthBytes());
                commit(file(operation));
            }
            case SYNC_FOLDER -> syncFolder(operation.name());
            case RENAME -> rename(operation.name(), operation.text());
            case LINK -> link(operation.name(), operation.text());
            case UNLINK -> unlink(operation.name());
            case MKDIR -> makeFolder(operation.name());
            case RMDIR, NOTE, NONE -> {
                // An empty folder more hurts nobody.
            }
        }
    }

    /** Content of a file as its process sees it; null if there is none. */
    public byte @Nullable [] content(Path path) {
        VolatileFile file = names.get(path.toAbsolutePath().toString());
        return file == null ? null : file.content();
    }

    /** The power fails: one image of what may be left, written to an empty folder. */
    public void cut(Random random, Path image) throws IOException {
        Map<String, VolatileFile> left = new TreeMap<>();
        Set<String> lost = new HashSet<>(folders);
        int upTo = committed + random.nextInt(changes.size() - committed + 1);
        double share = random.nextDouble();
        boolean all = random.nextInt(3) == 0;
        for (int i = 0; i < changes.size(); i++) {
            NameChange each = changes.get(i);
            boolean survives =
                    model == Model.JOURNALED
                            ? i < upTo
                            : each.durable || all || random.nextDouble() < share;
            if (survives) {
                if (each.change == Change.FOLDER) {
                    lost.remove(each.name);
                } else if (each.change == Change.REMOVE) {
                    left.remove(each.name, each.file);
                } else if (each.change == Change.BIND) {
                    if (each.oldName != null) {
                        left.remove(each.oldName, each.file);
                    }
                    left.put(each.name, each.file);
                }
            }
        }
        left.keySet().removeIf(each -> isBelowOneOf(lost, each));
        Files.createDirectories(image);
        int committedTime = model == Model.POSIX ? -1 : upTo == 0 ? 0 : changes.get(upTo - 1).time;
        Map<VolatileFile, byte[]> contents = new HashMap<>();
        for (Map.Entry<String, VolatileFile> each : left.entrySet()) {
            byte[] content =
                    contents.computeIfAbsent(
                            each.getValue(),
                            file -> file.afterPowerLoss(random, time, committedTime));
            Path to = image.resolve(root.relativize(Path.of(each.getKey())).toString());
            Files.createDirectories(to.getParent());
            Files.write(to, content);
        }
    }

    /**
     * The power fails on storage that keeps the order of what is done to it: everything is left, but for the last write, of
     * which some sectors may be missing. Stores into mapped pages are kept.
     */
    public void cutInOrder(Random random, Path image) throws IOException {
        Files.createDirectories(image);
        boolean torn = random.nextBoolean();
        for (Map.Entry<String, VolatileFile> each : names.entrySet()) {
            VolatileFile file = each.getValue();
            byte[] content = torn ? file.withoutPartOf(time, random) : file.content();
            Path to = image.resolve(root.relativize(Path.of(each.getKey())).toString());
            Files.createDirectories(to.getParent());
            Files.write(to, content);
        }
    }

    private static boolean isBelowOneOf(Set<String> folders, String path) {
        return folders.stream().anyMatch(each -> path.startsWith(each + "/"));
    }

    private void makeFolder(String path) {
        if (!path.equals(root.toString())) {
            folders.add(path);
            add(new NameChange(Change.FOLDER, folder(path), path, new VolatileFile(), null, time));
        }
    }

    private VolatileFile file(Operation operation) {
        VolatileFile file = files.get(operation.inode());
        if (file == null) {
            throw new IllegalStateException("the record has a file that nobody made: " + operation);
        }
        return file;
    }

    private void create(Operation operation) {
        VolatileFile file = new VolatileFile();
        files.put(operation.inode(), file);
        bind(operation.name(), file, null);
    }

    private void rename(String from, String to) {
        VolatileFile file = names.remove(from);
        if (file != null) {
            bind(to, file, from);
        }
    }

    private void link(String from, String to) {
        VolatileFile file = names.get(from);
        if (file != null) {
            bind(to, file, null);
        }
    }

    private void bind(String path, VolatileFile file, @Nullable String oldName) {
        names.put(path, file);
        add(new NameChange(Change.BIND, folder(path), path, file, oldName, time));
    }

    private void unlink(String path) {
        VolatileFile file = names.remove(path);
        if (file != null) {
            add(new NameChange(Change.REMOVE, folder(path), path, file, null, time));
        }
    }

    private void add(NameChange change) {
        changes.add(change);
        change.file.nameOperation = changes.size();
        lastChangeOfFolder.put(change.folder, changes.size());
        if (change.oldName != null) {
            lastChangeOfFolder.put(folder(change.oldName), changes.size());
        }
    }

    /** A journal of metadata goes to storage up to what the synced file needs; blocks are given when they are written. */
    private void commit(VolatileFile file) {
        committed = file.takesGrown() ? changes.size() : Math.max(committed, file.nameOperation);
    }

    private void syncFolder(String folder) {
        committed = Math.max(committed, lastChangeOfFolder.getOrDefault(folder, 0));
        for (NameChange each : changes) {
            if (each.folder.equals(folder)
                    || (each.oldName != null && folder(each.oldName).equals(folder))) {
                each.durable = true;
            }
        }
    }

    private static String folder(String path) {
        return path.substring(0, path.lastIndexOf('/'));
    }
}
