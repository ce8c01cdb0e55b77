package io.chainring.gateway.nbd.protocol;

import io.chainring.ring.request.ChainStatus;

/** The error values of the protocol (specification, "Error values") and what becomes which. */
public final class NbdErrors {
    public static final int OK = 0;
    public static final int EPERM = 1;
    public static final int EIO = 5;
    public static final int EINVAL = 22;
    public static final int ENOSPC = 28;
    public static final int ENOTSUP = 95;
    public static final int ESHUTDOWN = 108;

    private NbdErrors() {}

    /** The error of a chain that ended with that status, {@link #OK} for success. */
    public static int ofStatus(byte status) {
        return switch (status) {
            case ChainStatus.OK -> OK;
            case ChainStatus.NOSPC -> ENOSPC;
            case ChainStatus.READONLY -> EPERM;
            case ChainStatus.UNSUPP -> ENOTSUP;
            case ChainStatus.INVALID -> EINVAL;
            default -> EIO;
        };
    }

    /** One line for people, sent along with structured error chunks. */
    public static String text(int error) {
        return switch (error) {
            case EPERM -> "the export is read-only";
            case EINVAL -> "invalid request";
            case ENOSPC -> "no space on the disk";
            case ENOTSUP -> "not supported by this disk";
            case ESHUTDOWN -> "the server is shutting down";
            default -> "I/O error";
        };
    }
}
