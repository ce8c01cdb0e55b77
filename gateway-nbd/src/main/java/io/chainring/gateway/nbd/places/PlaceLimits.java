package io.chainring.gateway.nbd.places;

import io.chainring.gateway.nbd.setup.NbdSettings;

/**
 * How many connections there may be. Shares are above 0 and at most 1.
 *
 * @param connections in all, at least 1
 * @param handshakes of these without a disk, at least 1
 * @param sharePerSource part of the places that others leave which one source may have
 * @param sharePerCertificate part of all places which clients with one certificate may have
 * @param sharePerDisk part of all places which the clients of one disk may have
 */
public record PlaceLimits(
        int connections,
        int handshakes,
        double sharePerSource,
        double sharePerCertificate,
        double sharePerDisk) {

    /** Those of the settings. */
    public static PlaceLimits of(NbdSettings settings) {
        return new PlaceLimits(
                settings.maxConnections(),
                settings.maxHandshakingConnections(),
                settings.maxSharePerSource(),
                settings.maxSharePerCertificate(),
                settings.maxSharePerDisk());
    }

    /** The same for fewer connections. */
    public PlaceLimits withConnections(int fewer) {
        return new PlaceLimits(
                fewer, handshakes, sharePerSource, sharePerCertificate, sharePerDisk);
    }

    /** Most connections of a source when others have so many. */
    int perSource(int others) {
        return part(sharePerSource, connections - others);
    }

    int perCertificate() {
        return part(sharePerCertificate, connections);
    }

    int perDisk() {
        return part(sharePerDisk, connections);
    }

    /** Most connections of a source at a disk where others have so many. */
    int perSourceAtDisk(int others) {
        return part(sharePerSource, perDisk() - others);
    }

    /** At least one, so that a share of few places is not nothing. */
    private static int part(double share, int of) {
        return Math.max(1, (int) Math.ceil(share * of));
    }
}
