package io.chainring.gateway.nbd.access;

/** What a client may do with an export, from less to more. */
public enum Grant {
    /** Nothing; to this client there is no such export. */
    NONE,
    READ_ONLY,
    READ_WRITE
}
