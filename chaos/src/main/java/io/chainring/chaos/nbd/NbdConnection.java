package io.chainring.chaos.nbd;

import io.chainring.chaos.tested.BlockTarget;
import io.chainring.chaos.tested.ClientFault;
import io.chainring.chaos.tested.ConnectionLostException;
import io.chainring.chaos.tested.TargetFeatures;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Requests and simple replies of one connection. A thread writes, a thread reads: a server that takes or gives nothing holds up
 * nobody who asks.
 *
 * <p>Source: doc/proto.md of the NBD project, "Transmission".
 */
final class NbdConnection implements BlockTarget {
    private static final int REQUEST_MAGIC = 0x25609513;
    private static final int REPLY_MAGIC = 0x67446698;
    private static final int REQUEST_BYTES = 28;
    private static final int REPLY_BYTES = 16;
    private static final short READ = 0;
    private static final short WRITE = 1;
    private static final short DISCONNECT = 2;
    private static final short FLUSH = 3;
    private static final short TRIM = 4;
    private static final short WRITE_ZEROES = 6;
    private static final short FLAG_FUA = 1;
    private static final int HALF_BYTES = 8192;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SocketChannel channel;
    private final TargetFeatures features;
    private final ScheduledExecutorService watch;
    private final Map<Long, Asked> asked = new ConcurrentHashMap<>();
    private final LinkedBlockingQueue<ByteBuffer[]> toSend = new LinkedBlockingQueue<>();
    private final AtomicLong cookies = new AtomicLong();
    private final AtomicReference<@Nullable ConnectionLostException> lost = new AtomicReference<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile long readNotBeforeNanos = System.nanoTime();
    private volatile boolean deaf;
    private volatile @Nullable ScheduledFuture<?> leave;
    private final ByteBuffer[] half;

    private record Asked(int readBytes, CompletableFuture<ByteBuffer> answer) {}

    NbdConnection(SocketChannel channel, TargetFeatures features, ScheduledExecutorService watch) {
        this.channel = channel;
        this.features = features;
        this.watch = watch;
        half = halfARequest(features.blockBytes());
    }

    /** A WRITE of which a part never comes: it must change nothing. */
    private static ByteBuffer[] halfARequest(int blockBytes) {
        int lengthBytes = Math.max(HALF_BYTES, blockBytes);
        ByteBuffer payload = ByteBuffer.allocate(lengthBytes / 2);
        Arrays.fill(payload.array(), (byte) 0xA5);
        return new ByteBuffer[] {header(WRITE, (short) 0, 0, 0, lengthBytes), payload};
    }

    void start() {
        thread("chaos-nbd-write", this::write);
        thread("chaos-nbd-read", this::read);
    }

    private static void thread(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public TargetFeatures features() {
        return features;
    }

    @Override
    public CompletionStage<ByteBuffer> read(long offsetBytes, int lengthBytes) {
        return ask(READ, (short) 0, offsetBytes, lengthBytes, NOTHING);
    }

    @Override
    public CompletionStage<Void> write(long offsetBytes, ByteBuffer data, boolean through) {
        return done(
                ask(
                        WRITE,
                        through ? FLAG_FUA : 0,
                        offsetBytes,
                        data.remaining(),
                        data.duplicate()));
    }

    @Override
    public CompletionStage<Void> flush() {
        return done(ask(FLUSH, (short) 0, 0, 0, NOTHING));
    }

    @Override
    public CompletionStage<Void> trim(long offsetBytes, int lengthBytes) {
        return done(ask(TRIM, (short) 0, offsetBytes, lengthBytes, NOTHING));
    }

    @Override
    public CompletionStage<Void> writeZeroes(long offsetBytes, int lengthBytes) {
        return done(ask(WRITE_ZEROES, (short) 0, offsetBytes, lengthBytes, NOTHING));
    }

    private static CompletionStage<Void> done(CompletionStage<ByteBuffer> answer) {
        return answer.thenAccept(nothing -> {});
    }

    private CompletionStage<ByteBuffer> ask(
            short type, short flags, long offsetBytes, int lengthBytes, ByteBuffer payload) {
        long cookie = cookies.incrementAndGet();
        CompletableFuture<ByteBuffer> answer = new CompletableFuture<>();
        asked.put(cookie, new Asked(type == READ ? lengthBytes : 0, answer));
        toSend.add(
                new ByteBuffer[] {header(type, flags, cookie, offsetBytes, lengthBytes), payload});
        ConnectionLostException why = lost.get();
        if (why != null) {
            answer.completeExceptionally(why);
        }
        return answer;
    }

    private static ByteBuffer header(
            short type, short flags, long cookie, long offsetBytes, int lengthBytes) {
        ByteBuffer header = ByteBuffer.allocate(REQUEST_BYTES);
        header.putInt(REQUEST_MAGIC).putShort(flags).putShort(type).putLong(cookie);
        return header.putLong(offsetBytes).putInt(lengthBytes).flip();
    }

    private void write() {
        try {
            while (lost.get() == null) {
                ByteBuffer[] bytes = toSend.poll(1, TimeUnit.SECONDS);
                while (bytes != null && remains(bytes) && !deaf) {
                    channel.write(bytes);
                }
                if (bytes == half) {
                    lose("cut by the client", null);
                }
            }
        } catch (IOException e) {
            lose("cannot write to the server", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            lose("interrupted", e);
        }
    }

    private static boolean remains(ByteBuffer[] bytes) {
        return bytes[0].hasRemaining() || bytes[1].hasRemaining();
    }

    private void read() {
        ByteBuffer reply = ByteBuffer.allocate(REPLY_BYTES);
        try {
            while (!deaf) {
                waitToRead();
                NbdHandshake.readFully(channel, reply.clear());
                reply.flip();
                if (reply.getInt() != REPLY_MAGIC) {
                    loseTo(new ConnectionLostException("what came is no simple reply", true));
                    return;
                }
                int error = reply.getInt();
                long cookie = reply.getLong();
                Asked request = asked.remove(cookie);
                if (request == null) {
                    if (deaf) {
                        return;
                    }
                    loseTo(
                            new ConnectionLostException(
                                    "answer to request " + cookie + ", which is not under way",
                                    true));
                    return;
                }
                answer(request, error);
            }
        } catch (IOException e) {
            lose("the connection broke", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            lose("interrupted", e);
        }
    }

    private void waitToRead() throws InterruptedException {
        long waitNanos = readNotBeforeNanos - System.nanoTime();
        if (waitNanos > 0 && ended.await(waitNanos, TimeUnit.NANOSECONDS)) {
            throw new InterruptedException("the connection was closed");
        }
    }

    private void answer(Asked request, int error) throws IOException {
        if (error != 0) {
            request.answer.completeExceptionally(new IOException("NBD error " + error));
            return;
        }
        ByteBuffer content = ByteBuffer.allocate(request.readBytes);
        NbdHandshake.readFully(channel, content);
        request.answer.complete(content.flip());
    }

    @Override
    public boolean misbehave(ClientFault fault, long millis) {
        switch (fault) {
            case SLOW_READER -> readNotBeforeNanos = System.nanoTime() + millis * 1_000_000;
            case CONNECTION_CUT -> toSend.add(half);
            case HALF_OPEN -> {
                deaf = true;
                fail(new ConnectionLostException("left half open by the client", false));
                schedule(millis, "left half open by the client");
            }
        }
        return true;
    }

    private void schedule(long millis, String why) {
        leave = watch.schedule(() -> lose(why, null), millis, TimeUnit.MILLISECONDS);
    }

    private void lose(String what, @Nullable Exception cause) {
        loseTo(
                cause == null
                        ? new ConnectionLostException(what, false)
                        : new ConnectionLostException(what + ": " + cause.getMessage(), cause));
    }

    private void loseTo(ConnectionLostException why) {
        fail(why);
        ScheduledFuture<?> later = leave;
        if (later != null) {
            later.cancel(false);
        }
        closeQuietly(channel);
        ended.countDown();
    }

    private void fail(ConnectionLostException why) {
        lost.compareAndSet(null, why);
        for (Long cookie : asked.keySet()) {
            Asked request = asked.remove(cookie);
            if (request != null) {
                request.answer.completeExceptionally(why);
            }
        }
    }

    @Override
    public void close() {
        if (lost.get() == null && asked.isEmpty()) {
            try {
                ByteBuffer goodbye = header(DISCONNECT, (short) 0, 0, 0, 0);
                channel.write(goodbye);
            } catch (IOException e) {
                lose("cannot take leave", e);
            }
        }
        lose("closed by the client", null);
    }

    static void closeQuietly(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new IllegalStateException("a socket cannot be closed", e);
        }
    }
}
