package io.chainring.gateway.nbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.gateway.nbd.protocol.NbdProtocol;
import io.chainring.gateway.nbd.setup.Crowding;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Places of encrypted clients: who says nothing behind STARTTLS, and who has which certificate. */
class TlsPlacesTest {
    /** The one that Debian's nbdsh is for: another one that comes first in the path has no such module. */
    private static final String PYTHON = "/usr/bin/python3";

    @TempDir static Path folder;
    private static TestCertificates certificates;

    @BeforeAll
    static void certificates() throws Exception {
        certificates = new TestCertificates(folder);
    }

    private static String settings(String more, boolean clientCertificates) {
        String tls =
                "tls { mode = on, certificate = \"%s\", private-key = \"%s\"%s }"
                        .formatted(
                                certificates.file("server-cert.pem"),
                                certificates.file("server-key.pem"),
                                clientCertificates
                                        ? ", client-authorities = \""
                                                + certificates.file("ca-cert.pem")
                                                + "\""
                                        : "");
        return "chainring.nbd { " + more + ", " + tls + " }";
    }

    @Test
    void aClientThatSaysNothingBehindStartTlsIsClosedSoon() throws Exception {
        String limits = "first-byte-timeout = 300ms, handshake-timeout = 10m";
        try (TestServer server =
                        new TestServer(TestServer.Transport.EPOLL_TCP, settings(limits, false));
                TestClient client = server.client()) {
            client.greet(3);
            client.option(NbdProtocol.OPT_STARTTLS, new byte[0]);
            assertEquals(NbdProtocol.REP_ACK, client.optionReply().type());
            assertEquals(0, client.awaitClose());
        }
    }

    @Tag("clients")
    @Test
    void clientsWithOneCertificateHaveAShare() throws Exception {
        OutsideProgram.require("nbdsh", PYTHON);
        String limits = "max-connections = 4, max-share-per-certificate = 0.5";
        try (TestServer server =
                new TestServer(TestServer.Transport.EPOLL_TCP, settings(limits, true))) {
            server.disk("d", false);
            String uri =
                    "nbds://localhost:"
                            + ((InetSocketAddress) server.address()).getPort()
                            + "/d?tls-certificates="
                            + certificates.folder();
            String script =
                    String.join(
                            "\n",
                            "import nbd",
                            "a = nbd.NBD(); b = nbd.NBD(); c = nbd.NBD()",
                            "for each in (a, b, c): each.set_uri_allow_local_file(True)",
                            "a.connect_uri('" + uri + "'); b.connect_uri('" + uri + "')",
                            "try:",
                            "    c.connect_uri('" + uri + "'); print('third is in')",
                            "except nbd.Error: print('third is out')",
                            "print(len(a.pread(512, 0)) + len(b.pread(512, 0)))",
                            "a.shutdown(); c = nbd.NBD(); c.set_uri_allow_local_file(True)",
                            "import time",
                            "for i in range(200):",
                            "    try:",
                            "        c.connect_uri('" + uri + "'); print('fourth is in'); break",
                            "    except nbd.Error:",
                            "        c = nbd.NBD(); c.set_uri_allow_local_file(True); time.sleep(.1)");
            String output = OutsideProgram.run(60, PYTHON, "-c", script).expectSuccess().output();
            assertTrue(
                    output.contains("third is out")
                            && output.contains("1024")
                            && output.contains("fourth is in"),
                    output);
            assertTrue(server.counters().countOf(Crowding.CERTIFICATE_REFUSED) >= 1);
        }
    }
}
