package io.chainring.persistence.snapshot;

final class Iq80SnapshotTest extends SnapshotContract {
    @Override
    String engine() {
        return "iq80";
    }

    @Override
    boolean fsync() {
        return true;
    }
}
