package io.chainring.base.space;

/**
 * One writer's view of the free space: looks by itself each time it has written as much as might matter.
 *
 * <p>Made for the threads of one disk or journal. When several of them use it at a time a count may be lost: then the look
 * comes later, and the watch's own comes all the same. That is worth a write without lock or atomic.
 */
public final class SpaceMeter {
    private final FreeSpace space;
    private long left;

    /** Of one writer. */
    public SpaceMeter(FreeSpace space) {
        this.space = space;
        this.left = space.creditBytes();
    }

    /** So much was written, or is going to be. */
    public void written(long bytes) {
        left -= bytes;
    }

    /** Whether the space is low; asked before each write. */
    public boolean isLow() {
        if (left < 0) {
            space.look();
            left = space.creditBytes();
        }
        return space.isLow();
    }
}
