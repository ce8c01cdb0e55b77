package io.chainring.chaos.check;

import java.util.List;

/**
 * Something that no disk does that keeps its promises.
 *
 * @param kind what it is
 * @param disk number of the disk
 * @param cell which cell; -1 where it is none's
 * @param operation that shows it
 * @param text for people, one line
 * @param story what happened to the cell before, the last last
 */
public record Violation(
        Kind kind, int disk, long cell, long operation, String text, List<String> story) {
    public Violation {
        story = List.copyOf(story);
    }

    /** Names of what can go wrong. */
    public enum Kind {
        /** A write that was answered is not there, and nobody has ever seen it. */
        LOST_WRITE,

        /** A value is back that had given way to another one that somebody has seen. */
        STALE_READ,

        /** A write that was never answered takes effect a second time, or after it had given way. */
        RESURRECTED_WRITE,

        /** Bytes that nobody wrote there. */
        FOREIGN_VALUE,

        /** What was on stable storage is gone after a power loss. */
        NOT_DURABLE,

        /** An operation is answered twice, or without having been asked for. */
        DUPLICATE_COMPLETION,

        /** An operation is never answered. */
        HANG
    }
}
