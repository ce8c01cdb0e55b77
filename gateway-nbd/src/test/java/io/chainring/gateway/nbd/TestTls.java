package io.chainring.gateway.nbd;

import io.chainring.gateway.nbd.setup.NbdSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** TLS of a server for tests of other packages. */
public final class TestTls {
    private TestTls() {}

    /** Settings with a certificate that is made in that folder. */
    public static NbdSettings settings(Path folder) throws Exception {
        return settings(folder, "");
    }

    /** The same with further settings of TLS. */
    public static NbdSettings settings(Path folder, String further) throws Exception {
        OutsideProgram.require("openssl");
        return TestServer.settings(
                "chainring.nbd.tls { mode = on, "
                        + new OpenSslAuthority(folder.resolve("ca")).server("server")
                        + ", "
                        + further
                        + " }");
    }

    /** Settings with a pre-shared key of alice, which is written to that file. */
    public static NbdSettings settingsWithKey(Path file) throws IOException {
        Files.writeString(file, "alice:" + "1a".repeat(32));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return TestServer.settings("chainring.nbd.tls { mode = on, psk-file = \"" + file + "\" }");
    }
}
