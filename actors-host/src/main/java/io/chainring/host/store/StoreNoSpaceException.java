package io.chainring.host.store;

import java.io.IOException;

/** There is no space left behind the store. */
public final class StoreNoSpaceException extends IOException {
    private static final long serialVersionUID = 1L;

    public StoreNoSpaceException(String message) {
        super(message);
    }

    public StoreNoSpaceException(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * Whether an error says that there is no space left. A store of another making may throw what the
     * JDK does: the system's text is all there is to know it by.
     */
    public static boolean isMeantBy(IOException error) {
        return error instanceof StoreNoSpaceException
                || NativeFile.saysNoSpace(String.valueOf(error.getMessage()));
    }
}
