package io.chainring.chaos.tested;

/** What a client may do to its server. */
public enum ClientFault {
    /** Ends the connection in the middle of a request. */
    CONNECTION_CUT,

    /** Neither reads nor writes any more, and leaves its end open for a while. */
    HALF_OPEN,

    /** Reads no answers for a while. */
    SLOW_READER
}
