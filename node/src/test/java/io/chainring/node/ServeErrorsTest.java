package io.chainring.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import io.chainring.base.settings.Settings;
import io.chainring.node.cli.Main;
import io.chainring.node.data.DataDirectory;
import io.chainring.node.data.DirectoryClaim;
import io.chainring.persistence.LeveldbPersistence;
import io.chainring.persistence.database.StoreSettings;
import io.chainring.persistence.store.Store;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What keeps a node from starting is said in one line, with exit code 2, and leaves nothing behind. */
class ServeErrorsTest {
    @TempDir Path folder;
    private Path data;
    private Path image;

    @BeforeEach
    void place() {
        data = folder.resolve("data");
        image = folder.resolve("d.img");
    }

    /** Starts a node that must not start; afterwards its directory is free again. */
    private void refused(String why, String... options) throws Exception {
        StringWriter err = new StringWriter();
        StringWriter out = new StringWriter();
        CommandLine commandLine = Main.commandLine();
        commandLine.setErr(new PrintWriter(err, true));
        commandLine.setOut(new PrintWriter(out, true));
        List<String> arguments = new ArrayList<>(List.of("serve", "--data", data.toString()));
        if (!List.of(options).contains("--nbd")) {
            arguments.addAll(List.of("--nbd", "127.0.0.1:0"));
        }
        arguments.addAll(List.of(options));
        assertEquals(2, commandLine.execute(arguments.toArray(String[]::new)), err::toString);
        assertEquals("", out.toString());
        assertEquals(1, err.toString().lines().count(), err::toString);
        assertTrue(err.toString().startsWith("chainring: "), err::toString);
        assertTrue(err.toString().contains(why), err::toString);
        assertFalse(Files.exists(DataDirectory.controlSocket(data)));
    }

    private void makeDisk() throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(1 << 20);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--disk | a | NAME=PATH[,size=SIZE] is expected",
                "--disk | =x | NAME=PATH[,size=SIZE] is expected",
                "--disk | a= | path of its image is empty",
                "--disk | ../a=x | disk name '../a'",
                "--disk | a=x,size=lots | size 'lots'",
                "--disk | a=x,size=0 | at least 1",
                "--disk | a=x,size=9999999999T | too large",
                "--nbd | nowhere | HOST:PORT is expected",
                "--nbd | 127.0.0.1:99999 | port 99999",
                "--nbd | 192.0.2.1:10809 | without TLS",
                "--nbd | 0.0.0.0:0 | --nbd-plain-tcp-beyond-loopback",
                "--metrics | 1:2:3 | HOST:PORT is expected",
                "--crash-policy | pray | crash-policy",
                "--fsync | sometimes | fsync",
                "--tls | on | needs chainring.nbd.tls.certificate",
                "--tls | perhaps | one of off, on, required",
                "--config | /does/not/exist.conf | cannot be read",
            })
    void aWrongOption(String option, String value, String why) throws Exception {
        refused(why, option, value);
    }

    @Test
    void moreMemoryThanTheJvmHas() throws Exception {
        Path file = folder.resolve("c.conf");
        Files.writeString(file, "chainring.ring.memory-budget = 64 GiB");
        refused(
                "payload of requests 65536 MiB (chainring.ring.memory-budget)",
                "--config",
                file.toString());
        Files.writeString(
                file, "chainring { ring.memory-budget = 8 MiB, nbd.max-connections = 65 }");
        refused("chainring.ring.guaranteed-rings = 65: 128 KiB each", "--config", file.toString());
    }

    @Test
    void aWrongSetting() throws Exception {
        Path file = folder.resolve("c.conf");
        Files.writeString(file, "chainring.node.loops = 9999");
        refused("chainring.node.loops = 9999", "--config", file.toString());
        Files.writeString(file, "chainring.node.loops = many");
        refused("chainring.node.loops", "--config", file.toString());
        Files.writeString(file, "chainring.node { loops = ");
        refused("configuration", "--config", file.toString());
        Files.writeString(file, "chainring.node.spin = a bit");
        refused(
                "chainring.node.spin = a bit: one of off, fixed, adaptive",
                "--config",
                file.toString());
    }

    @Test
    void anImageThatCannotBeUsed() throws Exception {
        String option = "d=" + image;
        refused("does not exist", "--disk", option);
        refused("one disk per image", "--disk", option + ",size=1M", "--disk", "e=" + image);
    }

    @Test
    void imagesOfTheWrongKind() throws Exception {
        String option = "d=" + image;
        Files.write(image, new byte[1024]);
        refused("not the 2048 asked for", "--disk", option + ",size=2K");
        Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("r--r--r--"));
        refused("write-protected", "--disk", option);
        refused("is a directory", "--disk", "d=" + folder);
    }

    @Test
    void aKnownImageThatIsGoneOrShorterOrElsewhere() throws Exception {
        makeDisk();
        Files.createDirectories(data);
        Files.writeString(
                data.resolve("disks.json"),
                "{\"format\":1,\"disks\":[{\"name\":\"d\",\"path\":\""
                        + image.toAbsolutePath()
                        + "\",\"sizeBytes\":1048576,\"journal\":0}]}");
        refused("has its image at", "--disk", "d=" + folder.resolve("e.img"));
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(512 << 10);
        }
        refused("it is truncated");
        Files.delete(image);
        refused("is missing");
    }

    @Test
    void aDirectoryThatCannotBeUsed() throws Exception {
        Files.writeString(data, "a file");
        refused("cannot be made");
    }

    @Test
    void aDirectoryInUse() throws Exception {
        try (DataDirectory first = DataDirectory.open(data, DirectoryClaim.UNKNOWN)) {
            refused("is in use by another running node");
            assertEquals(data, first.directory());
        }
    }

    @Test
    void damagedFilesOfTheDirectory() throws Exception {
        Files.createDirectories(data);
        Files.writeString(data.resolve("node.json"), "{\"format\": 99}");
        refused("'format' is 99, this program knows 2");
        Files.delete(data.resolve("node.json"));
        Files.writeString(data.resolve("disks.json"), "{\"format\": 1, \"disks\": [{}]}");
        refused("disk number 1: 'name' is not a text");
        Files.writeString(data.resolve("disks.json"), "\0\0\0\0");
        refused("it is not JSON");
    }

    @Test
    void aLockedJournal() throws Exception {
        makeDisk();
        Path journal = data.resolve("journals/0");
        Files.createDirectories(journal);
        StoreSettings settings =
                StoreSettings.from(
                        Settings.of(
                                ConfigFactory.load()
                                        .getConfig(LeveldbPersistence.CONFIG_PATH)
                                        .withValue(
                                                "dir",
                                                ConfigValueFactory.fromAnyRef(journal.toString())),
                                LeveldbPersistence.CONFIG_PATH));
        Store other = Store.open(settings);
        try {
            refused("in use", "--disk", "d=" + image);
        } finally {
            other.close();
        }
    }

    @Test
    void aDamagedJournal() throws Exception {
        makeDisk();
        Path journal = data.resolve("journals/0");
        Files.createDirectories(journal);
        Files.writeString(journal.resolve("CURRENT"), "MANIFEST-000042\n");
        refused(journal.toString(), "--disk", "d=" + image);
    }

    @Test
    void anAddressOfAnotherMachine() throws Exception {
        refused(
                "does not belong to this machine",
                "--nbd",
                "192.0.2.1:10809",
                "--nbd-plain-tcp-beyond-loopback");
    }

    @Test
    void aPortInUse() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            refused("the port is in use", "--nbd", address);
            refused(address, "--metrics", address);
        }
    }

    @Test
    void aSocketPathThatIsTooLong() throws Exception {
        refused("are possible", "--nbd-socket", folder.resolve("x".repeat(120)).toString());
        data = folder.resolve("y".repeat(120));
        refused("too long for a unix socket");
    }
}
