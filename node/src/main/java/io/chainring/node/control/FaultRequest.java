package io.chainring.node.control;

import io.chainring.node.http.Json.Required;
import org.jspecify.annotations.Nullable;

/**
 * What is to go wrong.
 *
 * @param fault name of a {@link FaultList.Kind}; none ends all
 * @param disk of which disk, or whose journal; null where the fault is of no disk
 * @param how one dies, as {@link FaultList.Kind#how} has it; null: of an error
 * @param point at which one dies, as {@link FaultList.Kind#points} has it; null: now
 * @param count passes or operations that it hits at most; null: one, and any number where a fault holds for a time
 * @param millis how long it holds, or waits for somebody to hit, at most; null: half a second where it holds, else a minute
 */
record FaultRequest(
        @Required String fault,
        @Nullable String disk,
        @Nullable String how,
        @Nullable String point,
        @Nullable Integer count,
        @Nullable Long millis) {}
