package io.chainring.node.data;

import io.chainring.registry.rules.DiskStorage;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A disk as the list of an older data directory has it.
 *
 * @param name see {@link DiskName}
 * @param uuid who it is; null: nobody has said so yet
 * @param storage where it is
 */
public record ListedDisk(String name, @Nullable UUID uuid, DiskStorage storage) {}
