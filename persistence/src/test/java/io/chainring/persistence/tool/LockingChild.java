package io.chainring.persistence.tool;

import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Another process, which tries to lock a file as LevelDB does. Argument: the file. */
public final class LockingChild {
    static final int HELD = 7;

    private LockingChild() {}

    public static void main(String[] args) throws Exception {
        try (FileChannel file = FileChannel.open(Path.of(args[0]), StandardOpenOption.WRITE);
                FileLock lock = file.tryLock()) {
            System.exit(lock == null ? HELD : 0);
        }
    }
}
