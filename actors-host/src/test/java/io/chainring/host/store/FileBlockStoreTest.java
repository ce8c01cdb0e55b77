package io.chainring.host.store;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** The contract, on files, in each way of opening one. */
class FileBlockStoreTest {

    abstract static class OnFile extends BlockStoreContract {
        @TempDir Path folder;

        abstract FileStoreOptions options();

        @Override
        protected BlockStore open(long capacityBytes) throws IOException {
            return FileBlockStore.open(
                    folder.resolve("disk.img"), options().withCreateSizeBytes(capacityBytes));
        }
    }

    @Nested
    class WithNativeCalls extends OnFile {
        @Override
        FileStoreOptions options() {
            return FileStoreOptions.DEFAULT;
        }
    }

    @Nested
    class WithoutNativeCalls extends OnFile {
        @Override
        FileStoreOptions options() {
            return FileStoreOptions.DEFAULT.withNativeCalls(false);
        }
    }

    @Nested
    class WrittenThrough extends OnFile {
        @Override
        FileStoreOptions options() {
            return FileStoreOptions.DEFAULT.withWriteThrough(true);
        }
    }
}
