package io.chainring.base.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where native libraries that come inside of jars are unpacked: one folder of this user's (0700), one file a library and
 * content, which the next process finds and uses again after comparing owner, mode and every byte.
 *
 * <pre>
 *   FOLDER/                       0700; the first of the places below that is safe and lets programs run
 *     lock                        held while a library is looked at or put there
 *     leveldbjni-5b1c0c4fd1b1/    name and beginning of the SHA-256 of the content
 *       libleveldbjni.so          moved into place when it is complete
 *
 *   places: what the caller was told; else XDG_CACHE_HOME/chainring/native, HOME/.cache/chainring/native,
 *           java.io.tmpdir/chainring-native-UID
 * </pre>
 */
public final class LibraryFolder {
    private static final int HASH_DIGITS = 16;
    private static final Object ONE_AT_A_TIME = new Object();

    private final Path folder;

    private LibraryFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * Finds the folder, and makes it.
     *
     * @param told the only place to try, whose folders above are the teller's affair; null or empty: the usual ones, of
     *     which nobody but this user and root may be able to change the folders above
     * @throws IOException one line that says of each place why it does not serve
     */
    public static LibraryFolder find(@Nullable String told) throws IOException {
        if (told != null && !told.isEmpty()) {
            return first(List.of(Path.of(told)), false);
        }
        List<Path> places =
                usualPlaces(
                        System.getenv("XDG_CACHE_HOME"),
                        System.getProperty("user.home", ""),
                        System.getProperty("java.io.tmpdir", ""));
        return first(places, true);
    }

    static List<Path> usualPlaces(@Nullable String cache, String home, String temporary) {
        List<Path> places = new ArrayList<>();
        if (cache != null && Path.of(cache).isAbsolute()) {
            places.add(Path.of(cache, "chainring", "native"));
        }
        // A user without one has "/nonexistent", "?" or "/": never made for it.
        if (!home.isEmpty() && Path.of(home).isAbsolute() && Files.isDirectory(Path.of(home))) {
            places.add(Path.of(home, ".cache", "chainring", "native"));
        }
        if (!temporary.isEmpty()) {
            Integer self = FileAccess.self();
            places.add(Path.of(temporary, "chainring-native" + (self == null ? "" : "-" + self)));
        }
        return places;
    }

    static LibraryFolder first(List<Path> places, boolean checkAbove) throws IOException {
        List<String> problems = new ArrayList<>();
        for (Path place : places) {
            try {
                return at(place.toAbsolutePath(), checkAbove);
            } catch (IOException e) {
                problems.add(place + ": " + reason(e));
            }
        }
        throw new IOException(
                problems.isEmpty() ? "there is no folder to try" : String.join("; ", problems));
    }

    private static LibraryFolder at(Path place, boolean checkAbove) throws IOException {
        PrivateFiles.createFolders(place);
        Path real = place.toRealPath();
        BasicFileAttributes attributes =
                Files.readAttributes(place, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!attributes.isDirectory()) {
            throw new FileSystemException(
                    place.toString(), null, "it is " + FileAccess.kind(attributes));
        }
        if (!FileAccess.isOwnAndClosed(real)) {
            throw new FileSystemException(
                    place.toString(),
                    null,
                    "it belongs to another user, or others may write to it");
        }
        Path above = real.getParent();
        Path open = checkAbove && above != null ? FileAccess.changeableFrom(above) : null;
        if (open != null) {
            throw new FileSystemException(
                    place.toString(), null, "others may write to " + open + ", or own it");
        }
        LibraryFolder folder = new LibraryFolder(real);
        folder.underLock(
                lock -> {
                    makeExecutable(lock);
                    if (!Files.isExecutable(lock)) {
                        throw new FileSystemException(
                                place.toString(),
                                null,
                                "its file system is mounted noexec, no library can be loaded from"
                                        + " there");
                    }
                });
        return folder;
    }

    private static void makeExecutable(Path file) throws IOException {
        PosixFileAttributeView view =
                Files.getFileAttributeView(
                        file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        if (view != null) {
            view.setPermissions(PosixFilePermissions.fromString("rwx------"));
        }
    }

    /** The folder, absolute. */
    public Path path() {
        return folder;
    }

    /**
     * Puts a library there, unless it is there already.
     *
     * @param name of its folder, before the hash
     * @param fileName as the loader wants it
     * @param content of the library; read to its end
     * @return the file, complete and with exactly this content
     */
    public Path put(String name, String fileName, InputStream content) throws IOException {
        byte[] bytes = content.readAllBytes();
        Path own = folder.resolve(name + "-" + hash(bytes));
        Path library = own.resolve(fileName);
        underLock(
                lock -> {
                    PrivateFiles.createFolders(own);
                    if (!FileAccess.isOwnAndClosed(own)) {
                        throw new FileSystemException(
                                own.toString(), null, "others may write to it; remove it");
                    }
                    if (!isSound(library, bytes)) {
                        write(library, bytes);
                    }
                });
        return library;
    }

    private static boolean isSound(Path library, byte[] bytes) throws IOException {
        if (!Files.isRegularFile(library, LinkOption.NOFOLLOW_LINKS)
                || !FileAccess.isOwnAndClosed(library)
                || FileAccess.links(library) > 1
                || Files.size(library) != bytes.length) {
            return false;
        }
        return Arrays.equals(Files.readAllBytes(library), bytes);
    }

    private static void write(Path library, byte[] bytes) throws IOException {
        Path temporary = library.resolveSibling(library.getFileName() + ".new");
        PrivateFiles.removeLeftover(temporary);
        try (FileChannel channel = PrivateFiles.createNew(temporary)) {
            ByteBuffer left = ByteBuffer.wrap(bytes);
            while (left.hasRemaining()) {
                channel.write(left);
            }
        }
        // Some loaders ask for it, and it is how noexec is found.
        makeExecutable(temporary);
        Files.move(
                temporary,
                library,
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    private interface Work {
        void run(Path lock) throws IOException;
    }

    private void underLock(Work work) throws IOException {
        Path file = folder.resolve("lock");
        synchronized (ONE_AT_A_TIME) {
            try (FileChannel channel = PrivateFiles.openOrCreate(file);
                    FileLock lock = channel.lock()) {
                work.run(file);
            } catch (OverlappingFileLockException e) {
                // By a copy of this class that another class loader has.
                throw new FileSystemException(
                        folder.toString(), null, "it is in use elsewhere in this process");
            }
        }
    }

    private static String hash(byte[] bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return HexFormat.of().formatHex(digest).substring(0, HASH_DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static String reason(IOException e) {
        if (e instanceof java.nio.file.AccessDeniedException) {
            return "no permission";
        }
        String text = e instanceof FileSystemException named ? named.getReason() : e.getMessage();
        return text == null ? e.toString() : text;
    }
}
