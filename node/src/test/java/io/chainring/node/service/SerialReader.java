package io.chainring.node.service;

import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.CompletionSink;
import io.chainring.ring.frontend.Payload;
import io.chainring.ring.frontend.RingPort;
import io.chainring.ring.request.Operation;
import io.chainring.ring.request.RequestHeader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A client that asks a disk for its serial (VIRTIO_BLK_T_GET_ID), and goes. */
final class SerialReader implements CompletionSink {
    private final CompletableFuture<String> serial;
    private @Nullable RingPort ring;

    SerialReader(CompletableFuture<String> serial) {
        this.serial = serial;
    }

    @Override
    public void opened(RingPort port) {
        ring = port;
        Payload payload = port.payloads().allocate(RequestHeader.ID_BYTES);
        port.submit(List.of(new BlockRequest(Operation.GET_ID, 0, 0, 0, payload, 0)));
    }

    @Override
    public void completed(List<BlockRequest> requests) {
        BlockRequest answered = requests.get(0);
        Payload payload = answered.payload();
        RingPort open = ring;
        if (payload == null || open == null) {
            serial.completeExceptionally(new IllegalStateException("no payload"));
            return;
        }
        byte[] bytes = new byte[RequestHeader.ID_BYTES];
        payload.segment(0).duplicate().get(bytes);
        serial.complete(new String(bytes, StandardCharsets.US_ASCII));
        payload.release();
        open.close();
    }

    @Override
    public void closed(String reason) {
        serial.completeExceptionally(new IllegalStateException(reason));
    }
}
