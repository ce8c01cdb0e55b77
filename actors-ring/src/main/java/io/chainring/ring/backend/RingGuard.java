package io.chainring.ring.backend;

/** Runs a step that reads what a driver side wrote: a violation breaks that ring and nothing else. */
@FunctionalInterface
interface RingGuard {
    void run(AttachedRing ring, Runnable step);
}
