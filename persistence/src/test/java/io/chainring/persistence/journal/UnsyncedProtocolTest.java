package io.chainring.persistence.journal;

final class UnsyncedProtocolTest extends ProtocolContract {
    @Override
    boolean fsync() {
        return false;
    }
}
