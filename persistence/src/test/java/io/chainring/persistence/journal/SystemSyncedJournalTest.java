package io.chainring.persistence.journal;

final class SystemSyncedJournalTest extends JournalContract {
    @Override
    String engine() {
        return "auto";
    }

    @Override
    boolean fsync() {
        return true;
    }
}
