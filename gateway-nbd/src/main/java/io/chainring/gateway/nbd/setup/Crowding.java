package io.chainring.gateway.nbd.setup;

/** What happens when there are more clients than places. */
public enum Crowding {
    /** A client was sent away: its source has its share. */
    SOURCE_REFUSED,
    /** A client was sent away: all places are taken by others who have no more than it. */
    FULL_REFUSED,
    /** A client was sent away: those with its certificate have their share. */
    CERTIFICATE_REFUSED,
    /** A client did not get its disk: the disk's clients have their share. */
    DISK_REFUSED,
    /** A client that had not chosen a disk gave way to a newer one. */
    HANDSHAKE_GAVE_WAY,
    /** An idle client gave way to one of a source that has fewer. */
    IDLE_GAVE_WAY,
    /** A listener began to wait for descriptors. */
    ACCEPT_PAUSED
}
