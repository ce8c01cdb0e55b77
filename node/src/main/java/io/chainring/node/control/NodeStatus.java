package io.chainring.node.control;

import io.chainring.node.disk.DiskStatus;
import java.util.List;

/**
 * A node at one moment, as {@code status --json} shows it.
 *
 * @param version of the program
 * @param pid of its process
 * @param uptimeSeconds since its start
 * @param data its data directory
 * @param fsync whether an acknowledged journal record is on stable storage
 * @param nbd where NBD listens, as URIs without a disk's name
 * @param connections NBD clients that are connected
 * @param state serving or stopping
 * @param disks all disks, in the order in which they were made
 */
public record NodeStatus(
        String version,
        long pid,
        double uptimeSeconds,
        String data,
        boolean fsync,
        List<String> nbd,
        int connections,
        String state,
        List<DiskStatus> disks) {}
