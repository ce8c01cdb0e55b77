package io.chainring.persistence.engine;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;

/**
 * Cuts off the torn end of a MANIFEST, which has the layout of a log ({@link LogCheck}).
 *
 * <p>Both libraries sync each record of a MANIFEST before they act on it, so a torn one at its end was never acted on: it
 * is as good as not written. The native library passes over it; the Java one refuses to open, after a death or a power
 * loss between the two halves of one small record.
 */
final class TornManifest {
    private TornManifest() {}

    /**
     * Leaves the intact records of a MANIFEST. Not synced: an end that comes back after a power loss is cut off again.
     *
     * @return where it was cut off, if it was; one that is damaged before intact records is left as it is
     */
    static OptionalLong cut(Path manifest) throws IOException {
        LogCheck.Finding found = LogCheck.check(manifest);
        if (found.verdict() != LogCheck.Verdict.TORN_END) {
            return OptionalLong.empty();
        }
        try (FileChannel channel = FileChannel.open(manifest, StandardOpenOption.WRITE)) {
            channel.truncate(found.offsetBytes());
        }
        return OptionalLong.of(found.offsetBytes());
    }
}
