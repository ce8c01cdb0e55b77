package io.chainring.gateway.nbd.places;

/** What a connection hears that wants more than its place. */
public enum Admission {
    ADMITTED,
    /** Those that it would belong to have their share. */
    SHARE_TAKEN,
    /** It has no place any more: it has to give way, or has left. Why was said then. */
    GONE
}
