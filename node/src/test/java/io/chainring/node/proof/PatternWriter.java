package io.chainring.node.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * qemu-io as a client that writes patterns to the first half of a disk, several requests at a time, for as long as it is
 * asked to, and remembers what was acknowledged.
 *
 * <p>qemu-io takes one command each time that its input has something to read, and what stdio has read ahead is not there
 * any more: without buffers (stdbuf) it sees each line.
 *
 * <p>Write n has pattern {@code 1 + n % 250} at slot {@code n % SLOTS}; slots are written in order, so for each slot the
 * latest acknowledged write, or a later one that was sent, is what must stand there.
 */
final class PatternWriter implements AutoCloseable {
    private static final int SLOTS = 512;
    private static final int SLOT_BYTES = 64 << 10;
    private static final int AT_A_TIME = 8;
    private static final Duration LIMIT = Duration.ofSeconds(90);

    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicInteger acknowledged = new AtomicInteger();
    private final Semaphore roundEnded = new Semaphore(0);
    private final StringBuilder trouble = new StringBuilder();
    private volatile boolean finish;
    private @Nullable Process process;
    private @Nullable Thread feeder;
    private @Nullable Thread reader;

    /**
     * @param reconnectSeconds how long the client tries to reach a server that has gone
     */
    void start(Path socket, int reconnectSeconds) throws IOException {
        Process started =
                new ProcessBuilder(
                                "timeout",
                                "-k",
                                "2",
                                "150",
                                "stdbuf",
                                "-i0",
                                "-oL",
                                "qemu-io",
                                "--image-opts",
                                "driver=nbd,server.type=unix,server.path="
                                        + socket
                                        + ",export=d,reconnect-delay="
                                        + reconnectSeconds)
                        .redirectErrorStream(true)
                        .start();
        process = started;
        reader = new Thread(() -> read(started), "answers of qemu-io");
        feeder = new Thread(() -> feed(started), "commands of qemu-io");
        reader.start();
        feeder.start();
    }

    private static int pattern(int write) {
        return 1 + write % 250;
    }

    /** Sends a round of writes when the one before is acknowledged. */
    private void feed(Process qemu) {
        try (Writer commands =
                new java.io.OutputStreamWriter(qemu.getOutputStream(), StandardCharsets.US_ASCII)) {
            while (!finish && qemu.isAlive()) {
                int first = sent.get();
                for (int write = first; write < first + AT_A_TIME; write++) {
                    long offset = (long) (write % SLOTS) * SLOT_BYTES;
                    commands.write(
                            "aio_write -P "
                                    + pattern(write)
                                    + " "
                                    + offset
                                    + " "
                                    + SLOT_BYTES
                                    + "\n");
                }
                sent.addAndGet(AT_A_TIME);
                commands.write("aio_flush\n");
                commands.flush();
                while (!finish
                        && qemu.isAlive()
                        && !roundEnded.tryAcquire(AT_A_TIME, 100, TimeUnit.MILLISECONDS)) {
                    // looks again whether it is still wanted
                }
            }
            commands.write("quit\n");
        } catch (IOException e) {
            note("commands: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void read(Process qemu) {
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(qemu.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.contains("wrote " + SLOT_BYTES + "/" + SLOT_BYTES + " bytes")) {
                    acknowledged.incrementAndGet();
                    roundEnded.release();
                } else if (line.contains("rror") || line.contains("failed")) {
                    note(line);
                }
            }
        } catch (IOException e) {
            note("answers: " + e.getMessage());
        }
    }

    private void note(String line) {
        synchronized (trouble) {
            if (trouble.length() < 10_000) {
                trouble.append(line).append('\n');
            }
        }
    }

    String trouble() {
        synchronized (trouble) {
            return trouble.toString();
        }
    }

    /** Writes that came to a good end so far. */
    int acknowledged() {
        return acknowledged.get();
    }

    void awaitAcknowledged(int writes) {
        Awaitility.await(writes + " writes acknowledged")
                .atMost(LIMIT)
                .until(() -> acknowledged.get() >= writes || !alive());
        assertTrue(acknowledged.get() >= writes, () -> "qemu-io has ended: " + trouble());
    }

    private boolean alive() {
        Process present = process;
        return present != null && present.isAlive();
    }

    /** Lets the client come to its end, which must be a good one. */
    void finish() throws InterruptedException {
        Awaitility.await("the last writes")
                .atMost(LIMIT)
                .until(() -> acknowledged.get() == sent.get());
        finish = true;
        Process present = process;
        assertTrue(present != null && present.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS));
        assertEquals("", trouble());
        assertEquals(0, present.exitValue());
    }

    /** Each slot holds its latest acknowledged write, or one that was sent after it. */
    void verify(Path image) throws Exception {
        int told = acknowledged.get();
        int last = sent.get();
        assertTrue(told > 0, "nothing was acknowledged");
        for (int slot = 0; slot < SLOTS && slot < told; slot++) {
            byte[] bytes = ProcessProofTest.read(image, (long) slot * SLOT_BYTES, SLOT_BYTES);
            // A round may end out of order, so of the latest one only its being sent is known.
            int certain = Math.max(0, told - AT_A_TIME);
            boolean found = false;
            for (int write = slot; write < last; write += SLOTS) {
                boolean mayStand = write + SLOTS >= certain;
                found |= mayStand && (bytes[0] & 0xFF) == pattern(write);
            }
            for (byte each : bytes) {
                assertEquals(bytes[0], each, "slot " + slot + " is torn");
            }
            assertTrue(found, "slot " + slot + " holds " + (bytes[0] & 0xFF) + ", told " + told);
        }
    }

    @Override
    public void close() throws InterruptedException {
        finish = true;
        Process present = process;
        if (present != null) {
            present.descendants().forEach(ProcessHandle::destroyForcibly);
            present.destroyForcibly();
        }
        if (feeder != null && reader != null) {
            feeder.join(10_000);
            reader.join(10_000);
        }
    }
}
