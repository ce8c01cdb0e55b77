package io.chainring.gateway.nbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.chainring.gateway.nbd.setup.Crowding;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** On a unix socket the user at the other end is the source. */
@Tag("clients")
class UserPlacesTest {
    private static final String NOBODY = "65534";

    @Test
    void idleConnectionsOfOneUserKeepNoOtherOut() throws Exception {
        OutsideProgram.require("setpriv", "nbdinfo");
        assumeTrue("root".equals(System.getProperty("user.name")), "missing: root");
        List<TestClient> crowd = new ArrayList<>();
        try (TestServer server =
                new TestServer(
                        TestServer.Transport.EPOLL_UNIX, "chainring.nbd.max-connections = 4")) {
            server.disk("d", false);
            Path socket = ((UnixDomainSocketAddress) server.address()).getPath();
            Files.setPosixFilePermissions(
                    socket.getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
            for (int i = 0; i < 3; i++) {
                TestClient each = server.client();
                crowd.add(each);
                each.go("d", false, false);
            }
            assertEquals(0, server.client().awaitClose());
            assertEquals(1, server.counters().countOf(Crowding.SOURCE_REFUSED));
            OutsideProgram.Result other =
                    OutsideProgram.run(
                                    30,
                                    "setpriv",
                                    "--reuid=" + NOBODY,
                                    "--regid=" + NOBODY,
                                    "--clear-groups",
                                    "nbdinfo",
                                    "--size",
                                    server.uri("d"))
                            .expectSuccess();
            assertTrue(other.output().contains("" + TestServer.DISK_BYTES), other.output());
        } finally {
            for (TestClient each : crowd) {
                each.close();
            }
        }
    }
}
