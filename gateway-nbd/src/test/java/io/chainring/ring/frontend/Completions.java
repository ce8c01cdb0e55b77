package io.chainring.ring.frontend;

/** Lets a test's disk end requests as a frontend does. */
public final class Completions {
    private Completions() {}

    public static void complete(BlockRequest request, byte status, int writtenBytes) {
        request.complete(status, writtenBytes);
    }
}
