package io.chainring.gateway.nbd.setup;

/** Whether clients may, must or cannot encrypt (specification, "TLS support"). */
public enum TlsMode {
    /** NOTLS: STARTTLS is refused. */
    OFF,
    /** SELECTIVETLS without TLS-only exports: the client decides. */
    ON,
    /** FORCEDTLS: nothing but STARTTLS and ABORT before encryption. */
    REQUIRED
}
