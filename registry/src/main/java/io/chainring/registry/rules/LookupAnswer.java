package io.chainring.registry.rules;

/** What a lookup finds. */
public sealed interface LookupAnswer {

    /** The disk. */
    record Found(RegisteredDisk disk) implements LookupAnswer {}

    /** No disk. @param message one line that says why, such as a stale identifier */
    record NotFound(String message) implements LookupAnswer {}
}
