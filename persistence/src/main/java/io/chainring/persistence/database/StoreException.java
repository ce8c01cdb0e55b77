package io.chainring.persistence.database;

import io.chainring.base.text.Printable;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Something is wrong with a store. The message is one line that names the directory and what can be done. */
public sealed class StoreException extends RuntimeException
        permits StoreException.Locked,
                StoreException.Damaged,
                StoreException.Unavailable,
                StoreException.Contradiction,
                StoreException.SequenceNrTaken {
    private static final long serialVersionUID = 1L;

    StoreException(Path directory, String message, @Nullable Throwable cause) {
        super(directory + ": " + message, cause);
    }

    /** Somebody else, here or in another process, has the directory open. */
    public static final class Locked extends StoreException {
        private static final long serialVersionUID = 1L;

        public Locked(Path directory, @Nullable Throwable cause) {
            super(
                    directory,
                    "the journal directory is in use by another process (its LOCK is held); stop that one, or set another directory",
                    cause);
        }
    }

    /** The directory holds no store of ours, or a damaged one. */
    public static sealed class Damaged extends StoreException permits NotAJournal {
        private static final long serialVersionUID = 1L;

        /** With what is wrong, which file, and the way out. */
        public Damaged(Path directory, String message, @Nullable Throwable cause) {
            super(directory, message, cause);
        }
    }

    /**
     * What is there is nothing that this program could read or repair: no database, another one's, or one of another format.
     */
    public static final class NotAJournal extends Damaged {
        private static final long serialVersionUID = 1L;

        /** With what is there instead, and the way out. */
        public NotAJournal(Path directory, String message) {
            super(directory, message, null);
        }
    }

    /** The store cannot be used now: it could not be opened, or a write failed and it has not been reopened yet. */
    public static final class Unavailable extends StoreException {
        private static final long serialVersionUID = 1L;

        public Unavailable(Path directory, String message, @Nullable Throwable cause) {
            super(directory, message, cause);
        }
    }

    /** The directory is open in this application, and with other settings than somebody wants for it now. */
    public static final class Contradiction extends StoreException {
        private static final long serialVersionUID = 1L;

        /**
         * @param differences each setting with both values
         */
        public Contradiction(Path directory, List<String> differences) {
            super(
                    directory,
                    "the journal is open already, and with other settings: %s; journal, snapshot store and queries of one directory share one database: set these once, for all (chainring.persistence.leveldb)"
                            .formatted(String.join(", ", differences)),
                    null);
        }
    }

    /** An event's sequence number is not above the highest one: two writers have the same persistence id. */
    public static final class SequenceNrTaken extends StoreException {
        private static final long serialVersionUID = 1L;

        public SequenceNrTaken(
                Path directory, String persistenceId, long sequenceNr, long highest) {
            super(
                    directory,
                    "sequence number %s of %s is taken (highest is %s): it has two writers"
                            .formatted(sequenceNr, Printable.name(persistenceId), highest),
                    null);
        }
    }
}
