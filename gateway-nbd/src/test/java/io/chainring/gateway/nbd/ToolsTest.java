package io.chainring.gateway.nbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The clients that people use. */
class ToolsTest {
    private static final int SECONDS = 60;

    @TempDir Path folder;

    private TestServer server;
    private MemoryDisk disk;

    private void start(TestServer.Transport transport) throws IOException {
        server = new TestServer(transport, "");
        disk = server.disk("d", false);
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    private static String run(String... command) throws Exception {
        return OutsideProgram.run(SECONDS, command).expectSuccess().output();
    }

    private Path randomImage() throws IOException {
        byte[] image = new byte[TestServer.DISK_BYTES];
        new Random(11).nextBytes(image);
        java.util.Arrays.fill(image, 1 << 20, 2 << 20, (byte) 0);
        return Files.write(folder.resolve("image.raw"), image);
    }

    @ParameterizedTest
    @EnumSource
    void nbdinfoSeesTheExport(TestServer.Transport transport) throws Exception {
        OutsideProgram.require("nbdinfo");
        start(transport);
        String info = run("nbdinfo", server.uri("d"));
        for (String line :
                List.of(
                        "export-size: " + TestServer.DISK_BYTES,
                        "can_cache: true",
                        "can_df: true",
                        "can_fast_zero: true",
                        "can_flush: true",
                        "can_fua: true",
                        "can_multi_conn: true",
                        "can_trim: true",
                        "can_zero: true",
                        "block_size_minimum: 1",
                        "block_size_preferred: 4096",
                        "block_size_maximum: " + (32 << 20),
                        "base:allocation",
                        "protocol: newstyle-fixed without TLS, using structured packets")) {
            assertTrue(info.contains(line), "no \"" + line + "\" in\n" + info);
        }
        assertTrue(run("nbdinfo", "--list", server.uri("")).contains("export=\"d\""));
        try (TestClient client = server.client("d")) {
            client.writeAndWait(1 << 20, new byte[65536]);
        }
        String map = run("nbdinfo", "--map", server.uri("d")).replaceAll("\\s+", " ");
        assertTrue(map.contains("0 1048576 3 hole,zero"), map);
        assertTrue(map.contains("1048576 65536 0 data"), map);
    }

    @ParameterizedTest
    @EnumSource
    void nbdcopyCopiesBothWays(TestServer.Transport transport) throws Exception {
        OutsideProgram.require("nbdcopy");
        start(transport);
        Path image = randomImage();
        Path copy = folder.resolve("copy.raw");
        run("nbdcopy", "--flush", image.toString(), server.uri("d"));
        run("nbdcopy", "--connections=4", "--requests=64", server.uri("d"), copy.toString());
        assertEquals(-1, Files.mismatch(image, copy));
        assertTrue(disk.flushes() > 0);
    }

    @ParameterizedTest
    @EnumSource
    void qemuConvertsAndCompares(TestServer.Transport transport) throws Exception {
        OutsideProgram.require("qemu-img", "qemu-io");
        start(transport);
        Path image = randomImage();
        run("qemu-img", "convert", "-n", "-f", "raw", "-O", "raw", image.toString(), qemuUri());
        run("qemu-img", "compare", "-f", "raw", "-F", "raw", image.toString(), qemuUri());
        run(
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
                "discard 0 64k",
                "-c",
                "write -f -P 0x17 1M 4k",
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
                qemuUri());
        assertTrue(disk.executed().stream().anyMatch(line -> line.contains("DISCARD")));
        assertTrue(disk.executed().stream().anyMatch(line -> line.contains("WRITE_ZEROES")));
    }

    /** qemu wants the export's name behind the socket. */
    private String qemuUri() {
        return server.address() instanceof UnixDomainSocketAddress unix
                ? "nbd:unix:" + unix.getPath() + ":exportname=d"
                : server.uri("d");
    }

    @ParameterizedTest
    @EnumSource
    void rudeRequestsGetErrors(TestServer.Transport transport) throws Exception {
        String python = pythonWithNbd();
        start(transport);
        String script =
                """
                import errno, nbd
                h = nbd.NBD()
                h.set_strict_mode(0)
                h.connect_uri("%s")
                def refused(what, number):
                    try:
                        what()
                    except nbd.Error as e:
                        assert e.errnum == number, (e.errnum, number)
                    else:
                        raise AssertionError("no error")
                size = h.get_size()
                refused(lambda: h.pread(512, size), errno.EINVAL)
                refused(lambda: h.pread(5, size - 3), errno.EINVAL)
                refused(lambda: h.pwrite(bytes(5), size - 3), errno.ENOSPC)
                refused(lambda: h.pwrite(bytes(1024), size - 512), errno.ENOSPC)
                refused(lambda: h.zero(1024, size - 512), errno.ENOSPC)
                refused(lambda: h.trim(1024, size - 512), errno.EINVAL)
                refused(lambda: h.pread(512, 0, 1 << 5), errno.EINVAL)
                refused(lambda: h.block_status(512, 0, lambda *a: 0), errno.EINVAL)
                h.cache(65536, 0, nbd.CMD_FLAG_FUA)
                h.pwrite(b"x" * 512, 0, nbd.CMD_FLAG_FUA)
                assert h.pread(512, 0) == b"x" * 512
                h.shutdown()
                """
                        .formatted(server.uri("d"));
        Path file = Files.writeString(folder.resolve("rude.py"), script);
        run(python, file.toString());
    }

    /** Without block sizes a client may ask for any byte, and libnbd's asks as it is told. */
    @Tag("clients")
    @ParameterizedTest
    @EnumSource
    void rangesOfAnyByteAreServed(TestServer.Transport transport) throws Exception {
        String python = pythonWithNbd();
        OutsideProgram.require("qemu-io");
        start(transport);
        String script =
                """
                import nbd
                h = nbd.NBD()
                h.add_meta_context("base:allocation")
                h.connect_uri("%s")
                assert h.get_block_size(nbd.SIZE_MINIMUM) == 1
                h.pwrite(b"x" * 2000, 0)
                h.pwrite(b"hello", 510, nbd.CMD_FLAG_FUA)
                h.zero(3, 700)
                h.trim(1, 701)
                h.cache(7, 1)
                h.flush()
                assert h.pread(5, 3) == b"xxxxx"
                assert h.pread(7, 509) == b"xhellox"
                assert h.pread(5, 699) == b"x" + bytes(3) + b"x"
                told = []
                h.block_status(9, 13, lambda name, at, extents, error: told.append((at, extents[0])))
                assert told == [(13, 9)], told
                h.shutdown()
                """
                        .formatted(server.uri("d"));
        run(python, Files.writeString(folder.resolve("odd.py"), script).toString());
        run(
                "qemu-io",
                "-f",
                "raw",
                "-c",
                "write -P 0x5a 4097 9001",
                "-c",
                "write -z 5000 13",
                "-c",
                "read -P 0x78 1999 1",
                "-c",
                "read -P 0x5a 5013 8085",
                "-c",
                "read -P 0 5000 13",
                "-c",
                "read -P 0 13098 3",
                qemuUri());
        assertTrue(disk.executed().stream().anyMatch(line -> line.contains(" 510+5 flags 1")));
    }

    /** libnbd takes a reply to a WRITE that it is still sending for the end of the connection. */
    @Tag("clients")
    @ParameterizedTest
    @EnumSource
    void largeWritesThatAreRefusedLeaveTheConnectionAlive(TestServer.Transport transport)
            throws Exception {
        String python = pythonWithNbd();
        start(transport);
        server.disk("ro", true);
        String script =
                """
                import errno, nbd
                def connect(uri):
                    h = nbd.NBD()
                    h.set_strict_mode(0)
                    h.connect_uri(uri)
                    return h
                def refused(h, length, offset, number):
                    for i in range(3):
                        try:
                            h.pwrite(bytes(length), offset)
                        except nbd.Error as e:
                            assert e.errnum == number, (e.errnum, number)
                        else:
                            raise AssertionError("no error")
                        assert h.pread(512, 0) == bytes(512)
                h = connect("%s")
                refused(h, 16 << 20, h.get_size(), errno.ENOSPC)
                refused(h, 16 << 20, h.get_size() - 4096, errno.ENOSPC)
                refused(h, 2 << 20, h.get_size() - (2 << 20) + 1, errno.ENOSPC)
                refused(h, 48 << 20, 0, errno.EINVAL)
                h.shutdown()
                h = connect("%s")
                refused(h, 2 << 20, 0, errno.EPERM)
                h.shutdown()
                """
                        .formatted(server.uri("d"), server.uri("ro"));
        Path file = Files.writeString(folder.resolve("refused.py"), script);
        run(python, file.toString());
    }

    /** libnbd's binding belongs to the system's own python, which need not be the first in the path. */
    static String pythonWithNbd() throws Exception {
        for (String python : List.of("/usr/bin/python3", "python3")) {
            if (OutsideProgram.isInstalled(python)
                    && OutsideProgram.run(SECONDS, python, "-c", "import nbd").exitCode() == 0) {
                return python;
            }
        }
        OutsideProgram.require("python3-libnbd");
        return "";
    }

    @ParameterizedTest
    @EnumSource(names = {"EPOLL_TCP", "EPOLL_UNIX"})
    void fioVerifiesWhatItWrote(TestServer.Transport transport) throws Exception {
        OutsideProgram.require("fio");
        start(transport);
        String output =
                run(
                        "fio",
                        "--name=verify",
                        "--ioengine=nbd",
                        "--uri=" + server.uri("d"),
                        "--rw=randwrite",
                        "--bsrange=512-128k",
                        "--blockalign=512",
                        "--size=" + TestServer.DISK_BYTES,
                        "--iodepth=32",
                        "--verify=crc32c",
                        "--verify_fatal=1",
                        "--verify_state_save=0",
                        "--randseed=3");
        assertTrue(output.contains("err= 0"), output);
    }
}
