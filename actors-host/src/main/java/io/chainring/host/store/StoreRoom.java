package io.chainring.host.store;

import io.chainring.base.space.SpaceMeter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Whether one image may take new space of the file system that it shares with journals. */
final class StoreRoom {
    private final Path path;
    private final SpaceReserve reserve;
    private final SpaceMeter meter;

    private StoreRoom(Path path, SpaceReserve reserve) {
        this.path = path;
        this.reserve = reserve;
        this.meter = new SpaceMeter(reserve.space());
    }

    /**
     * Null when the image has nothing to keep free. It may not exist yet: its folder tells.
     *
     * @throws StoreOpenException one line
     */
    static @Nullable StoreRoom of(Path path, FileStoreOptions options) throws StoreOpenException {
        SpaceReserve reserve = options.reserve();
        if (reserve == null || options.readOnly()) {
            return null;
        }
        try {
            // The file's own folder, also when the path is a link to it.
            Path real = Files.exists(path) ? path.toRealPath() : path.toAbsolutePath();
            Path folder = real.getParent();
            return folder != null && Files.isDirectory(folder) && reserve.concerns(folder)
                    ? new StoreRoom(path, reserve)
                    : null;
        } catch (IOException e) {
            throw new StoreOpenException(
                    "disk image " + path + ": its file system cannot be found out: " + e, e);
        }
    }

    /**
     * Asked before a range is written.
     *
     * @throws StoreNoSpaceException if space is low and part of the range has none yet; nothing was touched
     */
    void ensureFor(ImageFile file, long offsetBytes, long lengthBytes) throws IOException {
        if (meter.isLow() && !hasSpace(file, offsetBytes, lengthBytes)) {
            throw new StoreNoSpaceException("disk image " + path + ": " + reserve.text());
        }
        meter.written(lengthBytes);
    }

    /** Without the system's word on holes nothing is known to have its space. */
    private static boolean hasSpace(ImageFile file, long offsetBytes, long lengthBytes)
            throws IOException {
        NativeFile nativeFile = file.nativeFile();
        if (nativeFile == null) {
            return false;
        }
        long hole = nativeFile.seekHole(offsetBytes);
        return hole >= offsetBytes + lengthBytes
                || (hole < 0 && nativeFile.seekData(offsetBytes) == offsetBytes);
    }

    /** An open store says that it takes no new space. */
    StoreStatus toldBy(StoreStatus status) {
        return status.state() == StoreStatus.State.OPEN && reserve.isLow()
                ? new StoreStatus(StoreStatus.State.OPEN, reserve.text())
                : status;
    }
}
