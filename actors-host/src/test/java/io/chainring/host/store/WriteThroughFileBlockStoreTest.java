package io.chainring.host.store;

class WriteThroughFileBlockStoreTest extends FileBlockStoreContract {
    @Override
    FileStoreOptions options() {
        return FileStoreOptions.DEFAULT.withWriteThrough(true);
    }
}
