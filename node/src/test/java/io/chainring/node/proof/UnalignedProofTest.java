package io.chainring.node.proof;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.chainring.base.Seed;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An image that ends within a sector, and clients that begin and end anywhere, through a node whose backend is killed. */
@Tag("clients")
class UnalignedProofTest {
    private static final int LIMIT_SECONDS = 120;
    private static final int KILL_SECONDS = 5;
    private static final int DISK_BYTES = (10 << 20) + 1;

    @TempDir Path folder;

    private final Random random = new Random(Seed.of(UnalignedProofTest.class));
    private final byte[] content = new byte[DISK_BYTES];
    private Path image;
    private NodeProcess node;

    @BeforeEach
    void start() throws IOException {
        random.nextBytes(content);
        image = Files.write(folder.resolve("odd.img"), content);
        node =
                NodeProcess.serve(
                        folder.resolve("data"),
                        "--disk",
                        "odd=" + image,
                        "--nbd-socket",
                        folder.resolve("s").toString());
    }

    @AfterEach
    void stop() throws Exception {
        try (NodeProcess ended = node) {
            ended.stop();
        }
        assertEquals(DISK_BYTES, Files.size(image), "it is as long as it was");
    }

    private String uri() {
        return "nbd+unix:///odd?socket=" + folder.resolve("s");
    }

    private String kill() throws Exception {
        NodeProcess.Ended kills =
                NodeProcess.run(
                        List.of(
                                "kill",
                                "backend",
                                "--disk",
                                "odd",
                                "--how",
                                "mixed",
                                "--every",
                                "100ms",
                                "--for",
                                KILL_SECONDS + "s",
                                "--data",
                                node.data().toString()));
        assertEquals(0, kills.exitCode(), kills.output());
        return kills.output();
    }

    @Test
    void allOfItIsCopiedBothWays() throws Exception {
        ExternalTool.require("nbdcopy", "nbdinfo", "qemu-img", "qemu-io");
        String info = ExternalTool.run(LIMIT_SECONDS, "nbdinfo", uri());
        assertTrue(info.contains("export-size: " + DISK_BYTES), info);
        assertTrue(info.contains("block_size_minimum: 1"), info);
        Path copy = folder.resolve("copy.raw");
        ExternalTool.run(LIMIT_SECONDS, "nbdcopy", uri(), copy.toString());
        assertArrayEquals(content, Files.readAllBytes(copy));
        random.nextBytes(content);
        Files.write(copy, content);
        ExternalTool.run(LIMIT_SECONDS, "nbdcopy", "--flush", copy.toString(), uri());
        assertArrayEquals(content, Files.readAllBytes(image));
        String qemu = "nbd:unix:" + folder.resolve("s") + ":exportname=odd";
        ExternalTool.run(
                LIMIT_SECONDS,
                "qemu-io",
                "-f",
                "raw",
                "-c",
                "write -P 0x5a 4097 9001",
                "-c",
                "write -z 5000 13",
                "-c",
                "discard 513 700",
                "-c",
                "read -P 0x5a 5013 8085",
                "-c",
                "read -P 0 5000 13",
                qemu);
        Arrays.fill(content, 4097, 4097 + 9001, (byte) 0x5a);
        Arrays.fill(content, 5000, 5013, (byte) 0);
        byte[] now = Files.readAllBytes(image);
        System.arraycopy(now, 513, content, 513, 700);
        assertArrayEquals(content, now);
    }

    /** Four processes write neighbouring bytes of the same sectors, up to the last byte of the disk. */
    @Test
    void writersOfTheSameSectorsNoticeNoKill() throws Exception {
        String python = pythonWithNbd();
        String script =
                """
                import nbd, os, random, sys, time
                uri, seconds, seed = "%s", %d, %d
                STRIPE, STRIPES, WRITERS = 61, 50, 4
                def write(me):
                    r = random.Random(seed * WRITERS + me)
                    h = nbd.NBD()
                    h.connect_uri(uri)
                    base = h.get_size() - STRIPE * STRIPES * WRITERS
                    place = lambda i: base + (i * WRITERS + me) * STRIPE
                    mine = [bytearray(r.randbytes(STRIPE)) for i in range(STRIPES)]
                    for i in range(STRIPES):
                        h.pwrite(mine[i], place(i))
                    end = time.monotonic() + seconds
                    while time.monotonic() < end:
                        i = r.randrange(STRIPES)
                        start = r.randrange(STRIPE)
                        length = 1 + r.randrange(STRIPE - start)
                        if r.randrange(4) == 0:
                            new = bytes(length)
                            h.zero(length, place(i) + start)
                        else:
                            new = r.randbytes(length)
                            fua = nbd.CMD_FLAG_FUA if r.randrange(8) == 0 else 0
                            h.pwrite(new, place(i) + start, fua)
                        mine[i][start:start + length] = new
                        if r.randrange(16) == 0:
                            i = r.randrange(STRIPES)
                            assert h.pread(STRIPE, place(i)) == mine[i], (me, i)
                    h.flush()
                    for i in range(STRIPES):
                        assert h.pread(STRIPE, place(i)) == mine[i], (me, i)
                    h.shutdown()
                children = []
                for me in range(WRITERS):
                    pid = os.fork()
                    if pid == 0:
                        write(me)
                        sys.exit(0)
                    children.append(pid)
                failed = [os.waitpid(pid, 0)[1] for pid in children]
                sys.exit(1 if any(failed) else 0)
                """
                        .formatted(uri(), KILL_SECONDS, random.nextInt(1 << 20));
        Path file = Files.writeString(folder.resolve("writers.py"), script);
        try (ExternalTool writers = ExternalTool.start(LIMIT_SECONDS, python, file.toString())) {
            String kills = kill();
            assertTrue(kills.contains("done: "), kills);
            writers.expectSuccess();
        }
        assertTrue(node.disk("odd").get("restarts").asLong() > 0);
        assertTrue(node.disk("odd").get("completed").asLong() > 0);
        byte[] now = Files.readAllBytes(image);
        int untouched = DISK_BYTES - 61 * 50 * 4;
        assertArrayEquals(
                Arrays.copyOf(content, untouched), Arrays.copyOf(now, untouched), "the rest");
    }

    /** libnbd's binding belongs to the system's own python, which need not be the first in the path. */
    private static String pythonWithNbd() throws Exception {
        for (String python : List.of("/usr/bin/python3", "python3")) {
            if (Files.isExecutable(Path.of(python)) || !python.startsWith("/")) {
                try (ExternalTool asked =
                        ExternalTool.start(LIMIT_SECONDS, python, "-c", "import nbd")) {
                    if (asked.exitCode() == 0) {
                        return python;
                    }
                }
            }
        }
        ExternalTool.require("python3-libnbd");
        return "";
    }

    /** dd through a file of nbdfuse: blocks of odd sizes at odd places. */
    @Test
    void aFileOfNbdfuseIsWrittenInOddBlocks() throws Exception {
        ExternalTool.require("nbdfuse", "dd", "umount");
        assumeTrue(
                Files.isWritable(Path.of("/dev/fuse"))
                        && "root".equals(System.getProperty("user.name")),
                "missing: /dev/fuse, as root");
        Path mount = Files.createDirectory(folder.resolve("fuse"));
        Path disk = mount.resolve("disk");
        Path source = folder.resolve("source");
        try (ExternalTool fuse =
                ExternalTool.start(LIMIT_SECONDS, "nbdfuse", disk.toString(), uri())) {
            try {
                await().until(() -> Files.exists(disk) || !fuse.isAlive());
                assertEquals(DISK_BYTES, Files.size(disk), fuse.output());
                for (int blockBytes : new int[] {1, 7, 700, 4097, 65_537}) {
                    int blocks = 1 + random.nextInt(blockBytes < 100 ? 300 : 40);
                    int length = blockBytes * blocks;
                    int seek = random.nextInt((DISK_BYTES - length) / blockBytes + 1);
                    byte[] bytes = new byte[length];
                    random.nextBytes(bytes);
                    Files.write(source, bytes);
                    ExternalTool.run(
                            LIMIT_SECONDS,
                            "dd",
                            "if=" + source,
                            "of=" + disk,
                            "bs=" + blockBytes,
                            "seek=" + seek,
                            "conv=notrunc,fsync");
                    System.arraycopy(bytes, 0, content, seek * blockBytes, length);
                }
                try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
                    file.seek(DISK_BYTES - 1);
                    file.write(99);
                    content[DISK_BYTES - 1] = 99;
                }
                assertArrayEquals(content, Files.readAllBytes(disk));
            } finally {
                ExternalTool.run(LIMIT_SECONDS, "umount", mount.toString());
            }
            fuse.exitCode();
        }
        assertArrayEquals(content, Files.readAllBytes(image));
    }
}
