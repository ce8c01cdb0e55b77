package io.chainring.gateway.nbd.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.chainring.gateway.nbd.TestTls;
import io.chainring.gateway.nbd.setup.TlsSettings;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the JDK's TLS keeps of clients that are gone. */
@Tag("clients")
class TlsContextsTest {
    /** The JDK's default is 20,480, for a day. */
    @Test
    void fewSessionsAreKeptAndNotForLong(@TempDir Path folder) throws Exception {
        TlsSettings settings = TestTls.settings(folder).tls();
        Path certificate = settings.certificate();
        Path key = settings.privateKey();
        assertNotNull(certificate);
        assertNotNull(key);
        var sessions = TlsContexts.load(certificate, key, settings).sessionContext();
        assertEquals(16, sessions.getSessionCacheSize());
        assertEquals(300, sessions.getSessionTimeout());
    }

    @Test
    void noVersionIsSpokenButThoseOfTheSetting(@TempDir Path folder) throws Exception {
        TlsSettings settings = TestTls.settings(folder, "protocols = [\"TLSv1.3\"]").tls();
        Path certificate = settings.certificate();
        Path key = settings.privateKey();
        assertNotNull(certificate);
        assertNotNull(key);
        SSLEngine engine =
                TlsContexts.load(certificate, key, settings)
                        .newEngine(UnpooledByteBufAllocator.DEFAULT);
        assertEquals(List.of("TLSv1.3"), List.of(engine.getEnabledProtocols()));
    }
}
