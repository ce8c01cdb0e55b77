package io.chainring.node.data;

import io.chainring.base.settings.Settings;

/** What whoever starts a node says of a data directory that is not where it was. */
public enum DirectoryClaim {
    /** Nothing. */
    UNKNOWN,
    /** It was moved; nobody serves the one that it was moved from. */
    ORIGINAL,
    /** It was copied, and the original goes on elsewhere: what lies outside of it is the original's. */
    COPY;

    String option() {
        return "--data-is " + Settings.label(this);
    }
}
