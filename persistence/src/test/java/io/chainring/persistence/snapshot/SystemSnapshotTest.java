package io.chainring.persistence.snapshot;

final class SystemSnapshotTest extends SnapshotContract {
    @Override
    String engine() {
        return "auto";
    }

    @Override
    boolean fsync() {
        return false;
    }
}
