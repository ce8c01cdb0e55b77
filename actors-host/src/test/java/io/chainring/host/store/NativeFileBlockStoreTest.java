package io.chainring.host.store;

class NativeFileBlockStoreTest extends FileBlockStoreContract {
    @Override
    FileStoreOptions options() {
        return FileStoreOptions.DEFAULT;
    }
}
