package io.chainring.ring.client;

import io.chainring.ring.request.ChainStatus;
import java.io.IOException;

/** A request that the disk ended with an error, or that no ring of the disk took. */
public final class BlockIoException extends IOException {
    private static final long serialVersionUID = 1L;

    private final byte status;

    BlockIoException(String message, byte status) {
        super(message);
        this.status = status;
    }

    /** The same failure, told to another thread. */
    BlockIoException(BlockIoException cause) {
        super(cause.getMessage(), cause);
        this.status = cause.status;
    }

    /** One of {@link ChainStatus}; IOERR when the disk was gone. */
    public byte status() {
        return status;
    }
}
