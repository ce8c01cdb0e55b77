package io.chainring.persistence.journal;

final class SyncedProtocolTest extends ProtocolContract {
    @Override
    boolean fsync() {
        return true;
    }
}
