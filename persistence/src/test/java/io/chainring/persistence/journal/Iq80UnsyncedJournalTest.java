package io.chainring.persistence.journal;

final class Iq80UnsyncedJournalTest extends JournalContract {
    @Override
    String engine() {
        return "iq80";
    }

    @Override
    boolean fsync() {
        return false;
    }
}
