package io.chainring.chaos.work;

/** What a client does with requests that were under way when it lost its connection. */
public enum AfterLoss {
    /** Asks again on the next connection, as kernels do. The disk must not let an old copy take effect behind a new one. */
    RESEND,

    /** Leaves them: they may have happened, or may yet happen. */
    LEAVE
}
