package io.chainring.node.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The clients that people use, against a node as they run it: journal, image file, TCP and unix socket. */
@Tag("clients")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClientsProofTest {
    private static final int LIMIT_SECONDS = 120;
    private static final int DISK_BYTES = 64 << 20;

    @TempDir static Path folder;
    private NodeProcess node;

    enum Transport {
        TCP,
        UNIX
    }

    @BeforeAll
    void start() throws IOException {
        node =
                NodeProcess.serve(
                        folder.resolve("data"),
                        "--disk",
                        "d=" + folder.resolve("d.img") + ",size=" + DISK_BYTES,
                        "--disk",
                        "e=" + folder.resolve("e.img") + ",size=64M",
                        "--nbd",
                        "127.0.0.1:0",
                        "--nbd-socket",
                        folder.resolve("s").toString());
    }

    @AfterAll
    void stop() throws Exception {
        try (NodeProcess ended = node) {
            ended.stop();
        }
    }

    private String uri(Transport transport, String disk) {
        return switch (transport) {
            case TCP -> tcp() + "/" + disk;
            case UNIX -> "nbd+unix:///" + disk + "?socket=" + folder.resolve("s");
        };
    }

    /** The node chose the port and says it. */
    private String tcp() {
        java.util.regex.Matcher uri =
                java.util.regex.Pattern.compile("nbd://127\\.0\\.0\\.1:\\d+")
                        .matcher(node.output());
        assertTrue(uri.find(), node.output());
        return uri.group();
    }

    @ParameterizedTest
    @EnumSource
    void nbdinfoShowsTheDisk(Transport transport) throws Exception {
        ExternalTool.require("nbdinfo", "qemu-io");
        String info = ExternalTool.run(LIMIT_SECONDS, "nbdinfo", uri(transport, "d"));
        assertTrue(info.contains("export-size: " + DISK_BYTES), info);
        assertTrue(info.contains("can_multi_conn: true"), info);
        ExternalTool.run(
                LIMIT_SECONDS,
                "qemu-io",
                "-f",
                "raw",
                "-c",
                "discard 0 64M",
                "-c",
                "write -P 7 1M 64k",
                uri(transport, "e"));
        String map =
                ExternalTool.run(LIMIT_SECONDS, "nbdinfo", "--map", uri(transport, "e"))
                        .replaceAll("\\s+", " ");
        assertTrue(map.contains("1048576 65536 0 data"), map);
        assertTrue(map.contains(" 0 1048576 3 hole,zero"), map);
    }

    @ParameterizedTest
    @EnumSource
    void nbdcopyWritesAndReadsAnImage(Transport transport) throws Exception {
        ExternalTool.require("nbdcopy");
        Path image = randomImage(transport.ordinal());
        Path copy = folder.resolve("copy.raw");
        ExternalTool.run(
                LIMIT_SECONDS,
                "nbdcopy",
                "--flush",
                "--connections=4",
                "--requests=64",
                image.toString(),
                uri(transport, "d"));
        ExternalTool.run(
                LIMIT_SECONDS,
                "nbdcopy",
                "--connections=4",
                "--requests=64",
                uri(transport, "d"),
                copy.toString());
        assertEquals(sha256(image), sha256(copy));
        assertEquals(sha256(image), sha256(folder.resolve("d.img")));
    }

    @ParameterizedTest
    @EnumSource
    void qemuIoReadsThePatternsThatItWrote(Transport transport) throws Exception {
        ExternalTool.require("qemu-io");
        ExternalTool.run(
                LIMIT_SECONDS,
                "qemu-io",
                "-f",
                "raw",
                "-c",
                "write -P 0x5a 64k 128k",
                "-c",
                "write -z 96k 32k",
                "-c",
                "write -z -u 128k 32k",
                "-c",
                "write -f -P 0x17 1M 4k",
                "-c",
                "discard 2M 64k",
                "-c",
                "flush",
                "-c",
                "read -P 0x5a 64k 32k",
                "-c",
                "read -P 0 96k 64k",
                "-c",
                "read -P 0x5a 160k 32k",
                "-c",
                "read -P 0x17 1M 4k",
                uri(transport, "d"));
    }

    @ParameterizedTest
    @EnumSource
    void qemuImgConvertsAndFindsNoDifference(Transport transport) throws Exception {
        ExternalTool.require("qemu-img");
        Path image = randomImage(10 + transport.ordinal());
        ExternalTool.run(
                LIMIT_SECONDS,
                "qemu-img",
                "convert",
                "-n",
                "-f",
                "raw",
                "-O",
                "raw",
                image.toString(),
                uri(transport, "d"));
        ExternalTool.run(
                LIMIT_SECONDS,
                "qemu-img",
                "compare",
                "-f",
                "raw",
                "-F",
                "raw",
                image.toString(),
                uri(transport, "d"));
    }

    @ParameterizedTest
    @EnumSource
    void fioVerifiesOnFourConnections(Transport transport) throws Exception {
        ExternalTool.require("fio");
        String output =
                ExternalTool.run(
                        LIMIT_SECONDS,
                        "fio",
                        "--name=verify",
                        "--ioengine=nbd",
                        "--uri=" + uri(transport, "d"),
                        "--rw=randrw",
                        "--bsrange=512-64k",
                        "--blockalign=512",
                        "--numjobs=4",
                        "--size=16M",
                        "--offset_increment=16M",
                        "--iodepth=16",
                        "--verify=crc32c",
                        "--verify_fatal=1",
                        "--group_reporting",
                        "--randseed=" + (7 + transport.ordinal()));
        assertTrue(output.contains("err= 0"), output);
    }

    private Path randomImage(int seed) throws IOException {
        byte[] image = new byte[DISK_BYTES];
        new Random(seed).nextBytes(image);
        Arrays.fill(image, 8 << 20, 24 << 20, (byte) 0);
        return Files.write(folder.resolve("image.raw"), image);
    }

    private static String sha256(Path file) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
