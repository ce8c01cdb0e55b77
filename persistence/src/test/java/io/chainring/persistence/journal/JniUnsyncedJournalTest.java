package io.chainring.persistence.journal;

final class JniUnsyncedJournalTest extends JournalContract {
    @Override
    String engine() {
        return "leveldbjni";
    }

    @Override
    boolean fsync() {
        return false;
    }
}
