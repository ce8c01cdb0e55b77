package io.chainring.host.store;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which images this JVM has open. Asked before an image is touched at all: the system's lock belongs to
 * the whole process, so a second channel to the same file would get it too, and closing that channel
 * would drop it for both.
 */
final class ImageLocks {
    private static final Set<Object> HELD = ConcurrentHashMap.newKeySet();

    private ImageLocks() {}

    /** Takes the file of that key; false when somebody in this JVM has it. */
    static boolean claim(Object fileKey) {
        return HELD.add(fileKey);
    }

    static void release(Object fileKey) {
        HELD.remove(fileKey);
    }
}
