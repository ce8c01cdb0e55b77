package io.chainring.host.scenario;

import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.CompletionSink;
import io.chainring.ring.frontend.Payload;
import io.chainring.ring.frontend.RingPort;
import io.chainring.ring.request.Operation;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** A client of a ring that shows what it hears. */
final class RecordingSink implements CompletionSink {
    final CompletableFuture<RingPort> port = new CompletableFuture<>();
    final CompletableFuture<String> closed = new CompletableFuture<>();
    final List<BlockRequest> completed = new CopyOnWriteArrayList<>();

    @Override
    public void opened(RingPort opened) {
        port.complete(opened);
    }

    @Override
    public void completed(List<BlockRequest> requests) {
        completed.addAll(requests);
    }

    @Override
    public void closed(String reason) {
        closed.complete(reason);
    }

    void write(int index, int number) {
        RingPort open = DiskUnderTest.await(port);
        Payload payload = open.payloads().allocate(Blocks.BYTES);
        if (payload == null) {
            throw new IllegalStateException("no payload memory");
        }
        payload.segment(0).duplicate().put(Blocks.of(number));
        open.submit(
                List.of(
                        new BlockRequest(
                                Operation.WRITE,
                                Blocks.at(index),
                                Blocks.BYTES,
                                0,
                                payload,
                                number)));
    }
}
