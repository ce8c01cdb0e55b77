package io.chainring.persistence.fault;

/** What may be wrong with a journal (scenarios J1 to J3, J13, J14). */
public enum JournalFault {
    /** Each write takes longer, by as much as is drawn, up to {@link JournalFaults#LONGEST_DELAY_MILLIS}. */
    SLOW,
    /** A write fails; nothing of it is stored. */
    FAIL,
    /** An event is rejected, as one that is too large: nothing is touched, and the store goes on. */
    REJECT,
    /** A write fails, and its record in the log ends in the middle; later ones fail until the store is opened again. */
    TORN,
    /** The file system counts as full: writes are refused before anything is touched. */
    FULL
}
