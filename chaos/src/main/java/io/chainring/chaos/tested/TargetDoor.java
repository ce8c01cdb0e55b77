package io.chainring.chaos.tested;

import java.io.IOException;

/** A disk that can be connected to, again and again. */
public interface TargetDoor {
    /** A new connection; from several threads at once. */
    BlockTarget connect() throws IOException, InterruptedException;

    /** The disk for people. */
    String name();

    /** How a connection is made. */
    @FunctionalInterface
    interface Connector {
        BlockTarget connect() throws IOException, InterruptedException;
    }

    /** A disk of that name. */
    static TargetDoor of(String name, Connector connector) {
        return new TargetDoor() {
            @Override
            public BlockTarget connect() throws IOException, InterruptedException {
                return connector.connect();
            }

            @Override
            public String name() {
                return name;
            }
        };
    }
}
