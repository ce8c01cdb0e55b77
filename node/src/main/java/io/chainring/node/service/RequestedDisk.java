package io.chainring.node.service;

import io.chainring.node.data.DiskName;
import java.nio.file.Path;

/**
 * A disk that somebody asks a node to serve.
 *
 * @param name see {@link DiskName}
 * @param path of its image
 * @param sizeBytes size with which a missing image is made, and which an existing one must have; 0 takes it as it is
 */
public record RequestedDisk(String name, Path path, long sizeBytes) {
    /** Checks the name. */
    public RequestedDisk {
        DiskName.check(name);
        if (sizeBytes < 0) {
            throw new IllegalArgumentException(
                    "disk " + name + ": size of " + sizeBytes + " bytes");
        }
    }
}
