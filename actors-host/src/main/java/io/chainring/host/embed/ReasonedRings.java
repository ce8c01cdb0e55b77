package io.chainring.host.embed;

import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.CompletionSink;
import io.chainring.ring.frontend.RingPort;
import io.chainring.ring.supervise.RingService;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The rings of a disk that may never have served: whoever is closed then hears why, and not only that the disk stops.
 *
 * @param rings the disk's
 * @param whyNot why the disk does not serve; null while nothing is wrong
 */
record ReasonedRings(RingService rings, Supplier<@Nullable String> whyNot) implements RingService {

    @Override
    public String name() {
        return rings.name();
    }

    @Override
    public long openRing(CompletionSink sink) {
        return rings.openRing(new Sink(sink));
    }

    @Override
    public void closeRing(long ringId) {
        rings.closeRing(ringId);
    }

    private final class Sink implements CompletionSink {
        private final CompletionSink next;

        Sink(CompletionSink next) {
            this.next = next;
        }

        @Override
        public void opened(RingPort port) {
            next.opened(port);
        }

        @Override
        public void completed(List<BlockRequest> requests) {
            next.completed(requests);
        }

        @Override
        public void closed(String reason) {
            String known = whyNot.get();
            next.closed(known == null ? reason : known);
        }
    }
}
