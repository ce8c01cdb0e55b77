package io.chainring.chaos.work;

import io.chainring.chaos.history.Action;

/** An operation that a client is to do. @param cells 0 of a flush */
record Planned(Action action, int firstCell, int cells) {}
