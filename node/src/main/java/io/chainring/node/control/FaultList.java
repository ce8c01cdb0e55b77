package io.chainring.node.control;

import java.util.List;

/**
 * What can go wrong on purpose, and what has become of it.
 *
 * @param faults all that there are
 * @param passed the points of all disks together, and the registry's, since they run
 */
public record FaultList(List<Kind> faults, List<Passed> passed) {
    /**
     * One that can be asked for.
     *
     * @param name in a request
     * @param how one may die; empty where nobody does
     * @param points at which one may die; empty where nobody does
     * @param lasting whether it holds for a time
     */
    public record Kind(String name, List<String> how, List<String> points, boolean lasting) {}

    /**
     * A point.
     *
     * @param passed how often somebody passed it
     * @param killed how often somebody died there
     */
    public record Passed(String point, long passed, long killed) {}

    /**
     * The answer to a request.
     *
     * @param injected false when there was nobody to be hit
     * @param what one line
     */
    public record Outcome(boolean injected, String what) {}
}
