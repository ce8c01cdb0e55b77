package io.chainring.node.control;

import org.jspecify.annotations.Nullable;

/**
 * A disk that a node knows, as {@code disk ls --json} shows it.
 *
 * @param name what people call it
 * @param uuid who it is
 * @param deviceName the device name that it holds; null when it is free
 * @param driveLetterValue of that name; null when it is free
 * @param identifier the drive letter identifier that a guest reads; null when it is free
 * @param generation how many times the name had been given when the disk got it
 * @param state reserved, inserted, detaching or free, see {@link io.chainring.registry.DiskState}
 * @param rememberedName the device name that a free disk had last; null otherwise
 * @param health serving, recovering or failed; empty when it is not served
 * @param clients connections that have chosen it
 * @param inFlight chains begun and not completed
 * @param path of its image
 * @param sizeBytes its size
 * @param journal number of its journal
 */
public record DiskEntry(
        String name,
        String uuid,
        @Nullable String deviceName,
        @Nullable Integer driveLetterValue,
        @Nullable String identifier,
        int generation,
        String state,
        @Nullable String rememberedName,
        String health,
        int clients,
        int inFlight,
        String path,
        long sizeBytes,
        int journal) {}
