package io.chainring.node.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.ConfigFactory;
import io.chainring.host.store.FileBlockStore;
import io.chainring.node.StartException;
import io.chainring.node.control.ControlClient;
import io.chainring.node.control.DiskAction;
import io.chainring.node.control.DiskEntry;
import io.chainring.node.control.DiskRefusedException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A node in this JVM with one disk, asked through its control socket, over a storage that may get stuck. */
abstract class DiskCommandsBench {
    static final long MIB = 1 << 20;

    @TempDir Path folder;
    @TempDir Path images;
    final StuckWrites writes = new StuckWrites();
    Node node;
    ControlClient client;

    @BeforeEach
    void start() throws Exception {
        client = new ControlClient(folder);
        node = startNode("a");
    }

    @AfterEach
    void stop() {
        writes.goOn();
        assertTrue(node.stop());
    }

    final Node startNode(String... disks) throws StartException {
        NodeSettings settings =
                NodeSettings.of(
                        ConfigFactory.parseMap(
                                        Map.of(
                                                "chainring.node.data",
                                                folder.toString(),
                                                "chainring.node.stop-limit",
                                                "2 s",
                                                "chainring.node.metrics",
                                                "127.0.0.1:0",
                                                "chainring.node.nbd.listen",
                                                List.of("127.0.0.1:0"),
                                                "chainring.host.io",
                                                "pool"))
                                .withFallback(ConfigFactory.load()),
                        java.util.Arrays.stream(disks)
                                .map(name -> new RequestedDisk(name, images.resolve(name), MIB))
                                .toList());
        return Node.start(
                settings, (path, options) -> writes.around(FileBlockStore.open(path, options)));
    }

    final void restart() throws Exception {
        assertTrue(node.stop());
        node = startNode();
    }

    final DiskEntry ask(String what, @Nullable Object... fields) throws Exception {
        Map<String, @Nullable Object> body = new HashMap<>();
        for (int i = 0; i < fields.length; i += 2) {
            body.put(String.valueOf(fields[i]), fields[i + 1]);
        }
        DiskAction action =
                new ObjectMapper().convertValue(body, DiskAction.BY_PAGE.get("/disks/" + what));
        return client.entry(client.disk(action));
    }

    final String refused(String what, @Nullable Object... fields) {
        String why =
                String.valueOf(
                        assertThrows(DiskRefusedException.class, () -> ask(what, fields))
                                .getMessage());
        assertEquals(1, why.lines().count(), why);
        return why;
    }

    final DiskEntry create(String name, @Nullable String deviceName) throws Exception {
        return ask("create", "name", name, "sizeBytes", MIB, "deviceName", deviceName);
    }

    static void says(String expected, String message) {
        assertTrue(message.contains(expected), message);
    }
}
