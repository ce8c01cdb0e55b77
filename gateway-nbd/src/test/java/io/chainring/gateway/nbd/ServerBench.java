package io.chainring.gateway.nbd;

import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A server with a disk to write and one that is read-only, for tests that run over each transport. */
abstract class ServerBench {
    private final TestServer.Transport transport;
    private final Random random = new Random(42);
    TestServer server;
    MemoryDisk disk;

    ServerBench(TestServer.Transport transport) {
        this.transport = transport;
    }

    @BeforeEach
    void start() throws IOException {
        start("");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** Begins anew with other settings. */
    final void start(String settings) throws IOException {
        if (server != null) {
            server.close();
        }
        server = new TestServer(transport, settings);
        disk = server.disk("d", false);
        server.disk("other", true);
    }

    final byte[] randomBytes(int lengthBytes) {
        byte[] bytes = new byte[lengthBytes];
        random.nextBytes(bytes);
        return bytes;
    }
}
