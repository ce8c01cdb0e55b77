package io.chainring.gateway.nbd.setup;

import io.chainring.gateway.nbd.protocol.NbdCommand;

/** Hears what an NBD server does, for metrics. Called on the event loops: must be quick and thread-safe. */
public interface NbdCounters {

    /** Counts nothing. */
    NbdCounters NONE = new NbdCounters() {};

    /** A client was accepted. */
    default void connectionOpened() {}

    /** A connection is gone, for whatever reason. */
    default void connectionClosed() {}

    /** Somebody was refused, or gave way, for want of places; or descriptors are short. */
    default void crowded(Crowding what) {}

    /** A client broke the protocol and was disconnected. */
    default void protocolViolated() {}

    /**
     * A command was answered.
     *
     * @param command which one
     * @param lengthBytes length of its range, 0 where it has none
     * @param error the protocol's error value, 0 for success
     */
    default void answered(NbdCommand command, long lengthBytes, int error) {}
}
