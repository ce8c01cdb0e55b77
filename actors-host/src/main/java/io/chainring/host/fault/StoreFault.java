package io.chainring.host.fault;

/** What may be wrong with a block store (scenarios H2 to H4). */
public enum StoreFault {
    /** Each call takes longer, by as much as is drawn, up to 20 ms: calls of several threads end out of their order. */
    SLOW,
    /** A read, a change or a look for extents fails; of a write nothing was done, or its first sectors. The client hears IOERR. */
    EIO,
    /** A write, or a write of zeroes, finds no space, and nothing was done. The client hears NOSPC. */
    ENOSPC,
    /** A write ends at the beginning of one of its sectors, and fails. The client hears IOERR. */
    TORN,
    /** A read or a write is done in two parts, as after a short one of the system. The client hears that all is well. */
    SHORT,
    /** A sync fails. From then on, until the store is opened again, everything but reads fails (I8). */
    SYNC_FAIL
}
