package io.chainring.gateway.nbd.connection;

/** What the pipeline of each client hears when the server is about to close what is left. */
public enum ServerEnd {
    NEAR
}
