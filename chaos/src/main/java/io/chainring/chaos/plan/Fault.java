package io.chainring.chaos.plan;

import org.jspecify.annotations.Nullable;

/**
 * One fault.
 *
 * @param name what happens, such as {@code backend-kill}
 * @param disk number of the disk that it is for
 * @param how one of several ways; null where there is one
 * @param point where it strikes; null: wherever its victim is
 * @param millis how long it lasts, where that means something
 * @param draw a random number, for what else is to be chosen
 */
public record Fault(
        String name,
        int disk,
        @Nullable String how,
        @Nullable String point,
        long millis,
        int draw) {

    /** Name and point, for people. */
    public String place() {
        return name + (point == null ? "" : " at " + point);
    }

    /** Name, way and point, for people. */
    public String label() {
        return name + (how == null ? "" : " " + how) + (point == null ? "" : " at " + point);
    }
}
