package io.chainring.persistence.journal;

final class Iq80SyncedJournalTest extends JournalContract {
    @Override
    String engine() {
        return "iq80";
    }

    @Override
    boolean fsync() {
        return true;
    }
}
