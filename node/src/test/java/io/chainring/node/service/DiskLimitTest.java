package io.chainring.node.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.host.store.BlockStore;
import io.chainring.host.store.FileBlockStore;
import io.chainring.host.store.SpaceReserve;
import io.chainring.node.StartException;
import io.chainring.node.data.DataDirectory;
import io.chainring.node.data.DirectoryClaim;
import io.chainring.node.files.DiskPaths;
import io.chainring.node.files.LooseFiles;
import io.chainring.registry.name.DeviceName;
import io.chainring.registry.rules.DiskState;
import io.chainring.registry.rules.DiskStorage;
import io.chainring.registry.rules.RegisteredDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What bounds the number of disks is said, and nothing else bounds it. */
class DiskLimitTest {
    @TempDir Path folder;

    @Test
    void aDiskWithoutDescriptorsIsRefusedInOneLineAndLeavesNothing() throws Exception {
        Path image = folder.resolve("a.img");
        RegisteredDisk disk =
                new RegisteredDisk(
                        new UUID(1, 2),
                        "a",
                        DeviceName.parse("vdb"),
                        1,
                        DiskState.RESERVED,
                        1,
                        1,
                        new DiskStorage(image.toString(), 0, 0, "a"));
        AtomicLong free = new AtomicLong(ImageOpener.DESCRIPTORS - 1);
        Path data = Files.createDirectory(folder.resolve("data"));
        try (SpaceReserve reserve = SpaceReserve.on(data, 0)) {
            ImageOpener opener =
                    new ImageOpener(
                            FileBlockStore::open,
                            new DiskPaths(data, data.resolve("images")),
                            new LooseFiles(data),
                            reserve,
                            free::get);
            String why =
                    String.valueOf(
                            assertThrows(
                                            StartException.class,
                                            () -> opener.open(disk, 1 << 20, List.of()))
                                    .getMessage());
            assertTrue(why.contains("ulimit -n") && why.contains("disk a"), why);
            assertEquals(1, why.lines().count());
            assertFalse(Files.exists(image));
            free.incrementAndGet();
            try (BlockStore store = opener.open(disk, 1 << 20, List.of())) {
                assertEquals(1 << 20, store.capacityBytes());
            }
        }
    }

    @Test
    void anOldListMayHaveAsManyDisksAsTheRegistry() throws Exception {
        StringBuilder list = new StringBuilder("{\"format\":1,\"disks\":[");
        for (int i = 0; i < 1025; i++) {
            list.append(i == 0 ? "" : ",")
                    .append("{\"name\":\"d%1$s\",\"path\":\"/d%1$s.img\"".formatted(i))
                    .append(",\"sizeBytes\":512,\"journal\":0}");
        }
        Files.writeString(folder.resolve("node.json"), "{\"format\":1}");
        Files.writeString(folder.resolve("disks.json"), list.append("]}"));
        try (DataDirectory data = DataDirectory.open(folder, DirectoryClaim.UNKNOWN)) {
            assertEquals(1025, data.oldList().size());
        }
    }
}
