package io.chainring.registry.rules;

/** Which name a disk gets that asks for none, and when a name that was held may be given to another disk. */
public enum ReusePolicy {
    /**
     * A disk that comes back gets its old name, and is refused when another disk holds it meanwhile. A new disk gets the
     * lowest name that no disk remembers. Who asks for a free name gets it, remembered or not.
     */
    STICKY,
    /** The lowest name that nobody holds, whoever held it. */
    LOWEST_FREE,
    /**
     * Sticky for a time: a name that became free rests, and only the disk that held it gets it. Then it is anybody's.
     */
    QUARANTINE
}
