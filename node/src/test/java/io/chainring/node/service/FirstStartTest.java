package io.chainring.node.service;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.chainring.node.StartException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A data directory that has no room for its first records is refused at once. */
final class FirstStartTest {
    @TempDir Path folder;

    private NodeSettings settings(String leaveFree) throws StartException {
        return NodeSettings.of(
                ConfigFactory.parseMap(
                                Map.of(
                                        "chainring.node.data",
                                        folder.toString(),
                                        "chainring.node.default-disk-size",
                                        "1 MiB",
                                        "chainring.node.nbd.listen",
                                        List.of(),
                                        "chainring.persistence.leveldb.min-free-space",
                                        leaveFree,
                                        "chainring.host.space-reserve",
                                        "0"))
                        .withFallback(ConfigFactory.load()),
                List.of());
    }

    @Test
    void withoutRoomTheFirstStartIsRefusedInOneLine() throws Exception {
        StartException refusal =
                assertThrows(StartException.class, () -> Node.start(settings("1 EiB")));
        assertTrue(refusal.getMessage().contains(folder.toString()), refusal::getMessage);
        assertTrue(refusal.getMessage().contains("min-free-space"), refusal::getMessage);
        assertFalse(Files.exists(folder.resolve("registry")));
        assertTrue(Node.start(settings("1 MiB")).stop());
        assertTrue(Files.exists(folder.resolve("registry")));
    }
}
