package io.chainring.persistence.snapshot;

final class JniSnapshotTest extends SnapshotContract {
    @Override
    String engine() {
        return "leveldbjni";
    }

    @Override
    boolean fsync() {
        return false;
    }
}
