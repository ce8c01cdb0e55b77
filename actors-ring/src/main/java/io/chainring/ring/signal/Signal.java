package io.chainring.ring.signal;

/** A maskable signal, weakest first: of several deferred ones the strongest acts. */
public enum Signal {
    INTERRUPT,
    TERMINATE
}
