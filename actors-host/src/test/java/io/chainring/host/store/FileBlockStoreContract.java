package io.chainring.host.store;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The contract on a new file, opened in one of the ways there are. */
abstract class FileBlockStoreContract extends BlockStoreContract {
    @TempDir Path folder;

    private int opened;

    abstract FileStoreOptions options();

    @Override
    protected BlockStore open(long capacityBytes) throws IOException {
        return FileBlockStore.open(
                folder.resolve("disk" + opened++ + ".img"),
                options().withCreateSizeBytes(capacityBytes));
    }
}
