package io.chainring.host.embed;

import io.chainring.ring.client.BlockClient;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The clients of one disk that are open, so that a stop can let them finish. Thread-safe. */
final class OpenClients {
    private final Set<BlockClient> open = new HashSet<>();
    private @Nullable CompletableFuture<Void> finished;

    /**
     * Makes a client, unless the disk is to stop.
     *
     * @return null when it is
     */
    synchronized @Nullable BlockClient add(Supplier<BlockClient> make) {
        if (finished != null) {
            return null;
        }
        BlockClient client = make.get();
        open.add(client);
        var unused = client.closed().thenRun(() -> remove(client));
        return client;
    }

    private synchronized void remove(BlockClient client) {
        open.remove(client);
    }

    /** Closes all; complete when what was submitted to them is answered. Who calls again joins. */
    CompletableFuture<Void> finish() {
        List<BlockClient> closing;
        CompletableFuture<Void> all;
        synchronized (this) {
            if (finished != null) {
                return finished;
            }
            closing = List.copyOf(open);
            all =
                    CompletableFuture.allOf(
                            closing.stream()
                                    .map(each -> each.closed().toCompletableFuture())
                                    .toArray(CompletableFuture<?>[]::new));
            finished = all;
        }
        closing.forEach(BlockClient::close);
        return all;
    }
}
