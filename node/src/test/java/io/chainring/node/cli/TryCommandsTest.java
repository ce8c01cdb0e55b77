package io.chainring.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.typesafe.config.ConfigFactory;
import io.chainring.node.service.Node;
import io.chainring.node.service.NodeSettings;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands that a node prints, copied as they stand and run, whatever clients have to show. */
@Tag("clients")
final class TryCommandsTest {
    private static final List<String> TOOLS =
            List.of("nbdinfo", "nbdcopy", "qemu-img", "qemu-io", "openssl");
    private static final int LIMIT_SECONDS = 120;

    /** An authority, a server of its own, and a client's folder. */
    private static final String CERTIFICATES =
            """
            set -e
            mkdir CLIENT
            key="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
            openssl req -x509 $key -keyout ca-key.pem -out CLIENT/ca-cert.pem -subj /CN=Authority -days 2
            for each in server client; do
              openssl req $key -keyout $each-key.pem -out $each.csr -subj /CN=$each
              printf 'subjectAltName=IP:127.0.0.1,DNS:localhost\\n' >$each.ext
              openssl x509 -req -in $each.csr -CA CLIENT/ca-cert.pem -CAkey ca-key.pem -CAcreateserial -days 2 \\
                -extfile $each.ext -out $each-cert.pem
              chmod 600 $each-key.pem
            done
            cp client-cert.pem client-key.pem CLIENT
            """;

    @TempDir Path folder;

    @BeforeEach
    void aSource() throws Exception {
        for (String tool : TOOLS) {
            boolean there =
                    Stream.of(System.getenv("PATH").split(File.pathSeparator))
                            .anyMatch(path -> new File(path, tool).canExecute());
            if (!there && "true".equals(System.getenv("CI"))) {
                fail("missing: " + tool);
            }
            assumeTrue(there, "missing: " + tool);
        }
        Files.write(folder.resolve("SOURCE.img"), new byte[2 << 20]);
    }

    private void shell(String script) throws Exception {
        Path output = folder.resolve("output");
        Process bash =
                new ProcessBuilder("timeout", "" + LIMIT_SECONDS, "bash", "-c", script)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        bash.getOutputStream().close();
        int code = bash.waitFor();
        String printed = Files.readString(output, StandardCharsets.UTF_8);
        assertEquals(0, code, () -> script + "\n" + printed);
        assertTrue(!printed.contains("failed"), () -> script + "\n" + printed);
    }

    private List<String> commands(Map<String, Object> settings) throws Exception {
        Map<String, Object> all = new HashMap<>(settings);
        all.put("chainring.node.data", folder.resolve("data").toString());
        all.put("chainring.node.default-disk-size", "2 MiB");
        NodeSettings known =
                NodeSettings.of(
                        ConfigFactory.parseMap(all).withFallback(ConfigFactory.load()), List.of());
        Node node = Node.start(known);
        List<String> run = new ArrayList<>();
        try {
            for (String line : new Welcome(node, known).text().lines().toList()) {
                if (line.matches("  (nbd(info|copy)|qemu-).*")) {
                    shell(line);
                    run.add(line.strip().split(" ")[0]);
                }
            }
        } finally {
            assertTrue(node.stop());
        }
        return run;
    }

    private static Map<String, Object> overTcp() {
        return Map.of("chainring.node.nbd.listen", List.of("127.0.0.1:0"));
    }

    @Test
    void withoutTls() throws Exception {
        assertEquals(List.of("nbdinfo", "nbdcopy", "qemu-img", "qemu-io"), commands(overTcp()));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void withCertificates(boolean ofClientsToo) throws Exception {
        shell(CERTIFICATES);
        Map<String, Object> settings = new HashMap<>(overTcp());
        settings.put("chainring.nbd.tls.mode", "required");
        settings.put("chainring.nbd.tls.certificate", folder.resolve("server-cert.pem").toString());
        settings.put("chainring.nbd.tls.private-key", folder.resolve("server-key.pem").toString());
        if (ofClientsToo) {
            settings.put(
                    "chainring.nbd.tls.client-authorities",
                    folder.resolve("CLIENT/ca-cert.pem").toString());
        }
        assertEquals(List.of("nbdinfo", "nbdcopy", "qemu-img", "qemu-io"), commands(settings));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void withPreSharedKeys(boolean atASocket) throws Exception {
        Path keys = Files.createDirectory(folder.resolve("my, keys")).resolve("keys.psk");
        Files.writeString(keys, "alice:" + "0123456789abcdef".repeat(4) + "\n");
        Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("rw-------"));
        Map<String, Object> settings = new HashMap<>();
        settings.put("chainring.node.nbd.listen", atASocket ? List.of() : List.of("127.0.0.1:0"));
        settings.put(
                "chainring.node.nbd.sockets",
                atASocket ? List.of(folder.resolve("s o,ck").toString()) : List.of());
        settings.put("chainring.nbd.tls.mode", "required");
        settings.put("chainring.nbd.tls.psk-file", keys.toString());
        assertEquals(List.of("nbdinfo", "nbdcopy", "qemu-img", "qemu-io"), commands(settings));
    }
}
