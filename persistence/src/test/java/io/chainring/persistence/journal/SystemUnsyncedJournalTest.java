package io.chainring.persistence.journal;

final class SystemUnsyncedJournalTest extends JournalContract {
    @Override
    String engine() {
        return "auto";
    }

    @Override
    boolean fsync() {
        return false;
    }
}
