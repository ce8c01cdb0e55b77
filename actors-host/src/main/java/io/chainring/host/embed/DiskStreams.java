package io.chainring.host.embed;

import io.chainring.ring.client.BlockClient;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.NotUsed;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/**
 * A disk as source and sink of Pekko Streams, with back-pressure: never more requests are under way than the parallelism
 * says. The death of a backend or host is a pause.
 */
public final class DiskStreams {
    private DiskStreams() {}

    private record Chunk(long offsetBytes, ByteString bytes) {}

    /**
     * The bytes of a range, in order.
     *
     * @param blockBytes length of each element; the last one may be shorter
     * @param parallelism most reads under way
     * @return fails with {@link io.chainring.ring.client.BlockIoException}
     */
    public static Source<ByteString, NotUsed> source(
            BlockClient client,
            long offsetBytes,
            long lengthBytes,
            int blockBytes,
            int parallelism) {
        if (offsetBytes < 0 || lengthBytes < 0 || blockBytes <= 0) {
            throw new IllegalArgumentException(
                    "range %s+%s in blocks of %s bytes"
                            .formatted(offsetBytes, lengthBytes, blockBytes));
        }
        return Source.unfold(
                        0L,
                        at ->
                                at >= lengthBytes
                                        ? Optional.<Pair<Long, Long>>empty()
                                        : Optional.of(Pair.create(at + blockBytes, at)))
                .mapAsync(
                        parallelism,
                        at ->
                                client.read(
                                                offsetBytes + at,
                                                (int) Math.min(blockBytes, lengthBytes - at))
                                        .thenApply(ByteString::fromByteBuffer));
    }

    /**
     * Writes what comes, one after the other from an offset on, and flushes at the end.
     *
     * @param blockBytes while the disk is busy small elements are put together up to so many bytes
     * @param parallelism most writes under way
     * @return how many bytes were written, once they are on stable storage; or fails with the first error
     */
    public static Sink<ByteString, CompletionStage<Long>> sink(
            BlockClient client, long offsetBytes, int blockBytes, int parallelism) {
        if (offsetBytes < 0 || blockBytes <= 0) {
            throw new IllegalArgumentException(
                    "from %s on in blocks of %s bytes".formatted(offsetBytes, blockBytes));
        }
        return Flow.of(ByteString.class)
                .filter(ByteString::nonEmpty)
                .batchWeighted(
                        blockBytes,
                        bytes -> (long) bytes.size(),
                        bytes -> bytes,
                        ByteString::concat)
                .statefulMap(
                        () -> offsetBytes,
                        (at, bytes) -> Pair.create(at + bytes.size(), new Chunk(at, bytes)),
                        at -> Optional.empty())
                .mapAsync(
                        parallelism,
                        chunk ->
                                client.write(
                                                chunk.offsetBytes(),
                                                chunk.bytes().compact().asByteBuffer())
                                        .thenApply(done -> (long) chunk.bytes().size()))
                .toMat(Sink.fold(0L, Long::sum), Keep.right())
                .mapMaterializedValue(
                        written ->
                                written.thenCompose(
                                        total -> client.flush().thenApply(done -> total)));
    }
}
