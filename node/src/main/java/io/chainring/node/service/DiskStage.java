package io.chainring.node.service;

import io.chainring.base.lifecycle.Transitions;

/** What runs of a disk in a node, drawn at {@link DiskLifeCore}. */
enum DiskStage {
    ABSENT,
    RESERVING,
    OPENING,
    STARTING,
    ATTACHING,
    SERVING,
    GROWING,
    WITHDRAWING,
    LEAVING,
    ERASING,
    SETTLING,
    GONE;

    static final Transitions<DiskStage> LEGAL =
            Transitions.of(DiskStage.class)
                    .from(ABSENT, RESERVING, OPENING, ERASING, SETTLING)
                    .from(RESERVING, OPENING, ERASING, SETTLING, ABSENT, GONE)
                    .from(OPENING, STARTING, ERASING, SETTLING, LEAVING, ABSENT)
                    .from(STARTING, ATTACHING, LEAVING)
                    .from(ATTACHING, SERVING, LEAVING)
                    .from(SERVING, GROWING, WITHDRAWING, LEAVING)
                    .from(GROWING, ATTACHING, SERVING)
                    .from(WITHDRAWING, SERVING, LEAVING)
                    .from(LEAVING, ERASING, SETTLING, ABSENT)
                    .from(ERASING, SETTLING)
                    .from(SETTLING, ERASING, OPENING, ABSENT, GONE);
}
