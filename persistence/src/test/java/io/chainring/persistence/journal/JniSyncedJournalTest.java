package io.chainring.persistence.journal;

final class JniSyncedJournalTest extends JournalContract {
    @Override
    String engine() {
        return "leveldbjni";
    }

    @Override
    boolean fsync() {
        return true;
    }
}
