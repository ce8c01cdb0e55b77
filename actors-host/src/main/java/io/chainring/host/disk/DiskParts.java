package io.chainring.host.disk;

import io.chainring.host.HostSettings;
import io.chainring.host.store.BlockStore;
import io.chainring.ring.supervise.RingSettings;
import org.apache.pekko.actor.typed.DispatcherSelector;

/**
 * What a disk is made of.
 *
 * @param name of the disk
 * @param persistenceId its id in the journal; never changes in the life of the disk
 * @param store where its bytes are, open; the disk closes it
 * @param serial what guests read as its serial
 * @param ring settings, with the disk's journal
 * @param host settings
 * @param listener hears of its work
 * @param dispatcher where all its actors run
 */
public record DiskParts(
        String name,
        String persistenceId,
        BlockStore store,
        String serial,
        RingSettings ring,
        HostSettings host,
        DiskListener listener,
        DispatcherSelector dispatcher) {}
