package io.chainring.host.store;

class PlainFileBlockStoreTest extends FileBlockStoreContract {
    @Override
    FileStoreOptions options() {
        return FileStoreOptions.DEFAULT.withNativeCalls(false);
    }
}
