package io.chainring.host;

import io.chainring.host.store.FastZeroesUnsupportedException;
import io.chainring.host.store.StoreNoSpaceException;
import io.chainring.host.store.StoreReadOnlyException;
import io.chainring.ring.request.ChainStatus;
import java.io.IOException;

/** The one place where an error of a store becomes the status of a chain. */
final class StatusMapping {
    private StatusMapping() {}

    /**
     * <pre>
     *   no space, quota exceeded     NOSPC
     *   read-only store              READONLY
     *   no fast zeroes               UNSUPP
     *   anything else                IOERR
     * </pre>
     */
    static byte statusOf(IOException error) {
        if (StoreNoSpaceException.isMeantBy(error)) {
            return ChainStatus.NOSPC;
        }
        if (error instanceof StoreReadOnlyException) {
            return ChainStatus.READONLY;
        }
        if (error instanceof FastZeroesUnsupportedException) {
            return ChainStatus.UNSUPP;
        }
        return ChainStatus.IOERR;
    }
}
