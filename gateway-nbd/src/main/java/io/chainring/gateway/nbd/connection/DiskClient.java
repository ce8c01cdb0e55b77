package io.chainring.gateway.nbd.connection;

import io.chainring.ring.supervise.RingService;

/** A connection as its disk and its server see it. On the disk's loop, unless said otherwise. */
interface DiskClient {

    /** Whether that is the disk that it has chosen. Any thread. */
    boolean isAt(RingService disk);

    /** The disk is taken away: the end, whatever is in flight. Any thread. */
    void disconnect(RingService disk);

    /** The rules say something else now: the end, if it may not go on as it is. Any thread. */
    void accessChanged();

    /** The server goes down: what is in flight is finished, what comes later gets ESHUTDOWN. Any thread. */
    void shutDown();

    /** The others of this disk have been read: it may open its ring. */
    void openRing();

    /**
     * Reads on the spot what has arrived, and ends the connection when that shows that its peer is gone.
     *
     * @return false when this kind of channel cannot be read on the spot
     */
    boolean readArrived();

    /** Something that was asked of it has thrown: the end of this connection, of which nothing executes any more. */
    void failed(Throwable cause);

    /** Reads (and holds) in the ordinary way for a while, or no longer. */
    void settle(boolean on);
}
