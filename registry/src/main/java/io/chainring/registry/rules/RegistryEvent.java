package io.chainring.registry.rules;

import org.jspecify.annotations.Nullable;

/**
 * What the registry journals: one event a decision. An event holds the outcome, not the reasons, so a replay does not
 * depend on settings or clocks.
 */
public sealed interface RegistryEvent {

    /** The request that was decided; null when it was one that is not repeated with an id. */
    @Nullable RequestMark request();

    /** The answer that it got. */
    RegistryAnswer answer();

    /**
     * A request by its id.
     *
     * @param requestId its id
     * @param fingerprint of its content, to tell a repetition from another request with the same id
     */
    record RequestMark(String requestId, long fingerprint) {}

    /** A disk is now so; equal to how it was when nothing had to change. */
    record DiskSet(@Nullable RequestMark request, RegisteredDisk disk) implements RegistryEvent {
        @Override
        public RegistryAnswer answer() {
            return new RegistryAnswer.Accepted(disk);
        }
    }

    /** A disk that was away is no longer remembered. */
    record DiskForgotten(@Nullable RequestMark request, RegisteredDisk disk)
            implements RegistryEvent {
        @Override
        public RegistryAnswer answer() {
            return new RegistryAnswer.Accepted(disk);
        }
    }

    /** Nothing changed; the refusal is remembered, so that a late copy of the request is refused too. */
    record RequestRefused(RequestMark request, Refusal reason) implements RegistryEvent {
        @Override
        public RegistryAnswer answer() {
            return new RegistryAnswer.Refused(reason);
        }
    }
}
