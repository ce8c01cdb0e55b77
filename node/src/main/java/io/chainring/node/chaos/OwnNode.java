package io.chainring.node.chaos;

import io.chainring.base.text.Printable;
import io.chainring.chaos.nbd.NbdAddress;
import io.chainring.chaos.nbd.NbdDoor;
import io.chainring.chaos.process.ChildProcess;
import io.chainring.chaos.tested.TargetDoor;
import io.chainring.node.StartException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A node in a process of its own, from the same program, in a temporary folder that goes with it. It listens on a unix socket
 * there and nowhere else.
 */
final class OwnNode implements AutoCloseable {
    private static final String MAIN = "io.chainring.node.cli.Main";
    private static final String READY = "Ready.";
    private static final long START_LIMIT_MILLIS = 120_000;
    private static final long HANDSHAKE_LIMIT_MILLIS = 30_000;
    private static final String DISK_SIZE = "64M";

    /** The JVM's options of a node, which the front door knows; these are what it cannot do without. */
    private static final String OPTIONS_VARIABLE = "CHAINRING_SERVE_JVM";

    private static final String OPTIONS_LEAST =
            "--enable-native-access=ALL-UNNAMED --add-opens=java.base/java.nio=ALL-UNNAMED"
                    + " --add-opens=java.base/jdk.internal.misc=ALL-UNNAMED";

    private final Path folder;
    private final Path socket;
    private final List<String> disks;
    private final ChildProcess process;

    private OwnNode(Path folder, List<String> disks, List<String> further) {
        this.folder = folder;
        this.disks = disks;
        socket = folder.resolve("nbd.sock");
        List<String> command = new ArrayList<>(apart());
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        String options = System.getenv(OPTIONS_VARIABLE);
        command.addAll(List.of((options == null ? OPTIONS_LEAST : options).strip().split("\\s+")));
        command.add("-Dchainring.node.chaos=on");
        command.addAll(further);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN, "serve"));
        command.addAll(List.of("--data", data().toString(), "--nbd-socket", socket.toString()));
        for (String disk : disks) {
            command.add("--disk");
            command.add("%s=%s,size=%s".formatted(disk, folder.resolve(disk + ".img"), DISK_SIZE));
        }
        process = new ChildProcess(command, Map.of(), READY, START_LIMIT_MILLIS);
    }

    /** Ctrl-C on a terminal is for this process, which ends its node itself. */
    private static List<String> apart() {
        return Stream.of("/usr/bin/setsid", "/bin/setsid")
                .filter(each -> Files.isExecutable(Path.of(each)))
                .limit(1)
                .toList();
    }

    /**
     * Starts one.
     *
     * @param disks how many it has
     * @param further options of its JVM
     * @throws StartException it does not start; the message says why
     */
    static OwnNode start(int disks, List<String> further)
            throws StartException, InterruptedException {
        @Nullable OwnNode node = null;
        try {
            Path folder = Files.createTempDirectory("chainring-chaos");
            node =
                    new OwnNode(
                            folder,
                            IntStream.range(0, disks).mapToObj(each -> "disk" + each).toList(),
                            further);
            node.process.start();
            return node;
        } catch (IOException e) {
            if (node != null) {
                node.close();
            }
            throw new StartException(
                    "a node of its own cannot be started: " + Printable.line(e.getMessage()), e);
        }
    }

    Path data() {
        return folder.resolve("data");
    }

    List<String> disks() {
        return disks;
    }

    ChildProcess process() {
        return process;
    }

    /** Its disks, in their order. */
    TargetDoor[] doors() {
        return disks.stream()
                .map(
                        each ->
                                new NbdDoor(
                                        new NbdAddress(UnixDomainSocketAddress.of(socket), each),
                                        HANDSHAKE_LIMIT_MILLIS))
                .toArray(TargetDoor[]::new);
    }

    /** Ends it and takes its folder away. */
    @Override
    public void close() {
        process.close();
        try {
            Files.walkFileTree(
                    folder,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult visitFile(Path file, BasicFileAttributes about)
                                throws IOException {
                            Files.deleteIfExists(file);
                            return FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult postVisitDirectory(
                                Path visited, @Nullable IOException why) throws IOException {
                            Files.deleteIfExists(visited);
                            return FileVisitResult.CONTINUE;
                        }
                    });
        } catch (IOException e) {
            throw new IllegalStateException(folder + " cannot be taken away", e);
        }
    }
}
