package io.chainring.gateway.nbd.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Hashtable;
import java.util.List;
import java.util.Vector;
import org.bouncycastle.tls.ExtensionType;
import org.bouncycastle.tls.PskIdentity;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server with keys makes of what a client offers. */
class PskServerTest {
    @TempDir Path folder;
    private PskServer server;

    @BeforeEach
    void server() throws Exception {
        Path file = Files.writeString(folder.resolve("keys"), "alice:" + "1a".repeat(32));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        server = new PskServer(PskKeys.read(file), List.of("TLSv1.3", "TLSv1.2"));
    }

    /** Parsed, each of them would be an error of decoding. */
    @ParameterizedTest
    @ValueSource(
            ints = {
                ExtensionType.status_request,
                ExtensionType.status_request_v2,
                ExtensionType.trusted_ca_keys
            })
    void whatIsAboutCertificatesIsNotLookedAt(int extension) throws Exception {
        Hashtable<Integer, byte[]> offered = new Hashtable<>();
        offered.put(extension, new byte[] {1, 2, 3});
        server.processClientExtensions(offered);
        assertTrue(offered.isEmpty());
    }

    @Test
    void theFirstKnownNameIsTakenAndElseTheFirst() {
        assertArrayEquals(bytes("alice"), chosen("nobody", "alice"));
        assertArrayEquals(bytes("nobody"), chosen("nobody", "else"));
        assertNull(server.getExternalPSK(new Vector<PskIdentity>()));
        assertNull(server.client());
    }

    private byte[] chosen(String... names) {
        Vector<PskIdentity> offered = new Vector<>();
        for (String name : names) {
            offered.add(new PskIdentity(bytes(name), 0));
        }
        return server.getExternalPSK(offered).getIdentity();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
