package io.chainring.node.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.node.StartException;
import io.chainring.node.control.DiskEntry;
import io.chainring.ring.client.BlockClient;
import io.chainring.ring.supervise.RingService;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What a start makes of commands that were cut short, and who keeps a name meanwhile. */
class DiskStartupTest extends DiskCommandsBench {
    /** A start takes up what a death between two steps of a command has left. */
    @Test
    void registryAndListOfDisksAreMadeToAgree() throws Exception {
        DiskEntry made = create("b", "vdc");
        Path list = folder.resolve("disks.json");
        String before = Files.readString(list);
        ask("rename", "key", "b", "newDiskName", "renamed");
        assertTrue(node.stop());
        Files.writeString(list, before);
        node = startNode();
        assertEquals("renamed", ask("lookup", "key", made.uuid()).name());
        assertTrue(node.stop());
        Files.writeString(
                list, Files.readString(list).replace(made.uuid(), UUID.randomUUID() + ""));
        node = startNode();
        says("no disk", refused("lookup", "key", made.uuid()));
        assertEquals("renamed", ask("lookup", "key", "renamed").name());
    }

    /** A list of disks from before disks had UUIDs. */
    @Test
    void aDiskWithoutUuidGetsOneForEver() throws Exception {
        assertTrue(node.stop());
        Path list = folder.resolve("disks.json");
        Files.writeString(
                list, Files.readString(list).replaceAll(",\\s*\"uuid\" : \"[^\"]*\"", ""));
        assertFalse(Files.readString(list).contains("uuid"));
        node = startNode();
        String uuid = ask("lookup", "key", "a").uuid();
        restart();
        assertEquals(uuid, ask("lookup", "key", "a").uuid());
    }

    /** Makes disk b, vdc, and a write to it that is in flight until {@code writes.goOn()}. */
    private CompletableFuture<Void> writeThatSticksOnDiskB() throws Exception {
        create("b", "vdc");
        RingService service = node.disks().get(1).service();
        BlockClient writer = BlockClient.open(service, 16, ForkJoinPool.commonPool());
        writes.stick();
        CompletableFuture<Void> write =
                writer.write(0, ByteBuffer.allocate(4096)).toCompletableFuture();
        Awaitility.await().until(() -> writes.stuck() == 1);
        return write;
    }

    /** R5: a chain in flight keeps the name, whoever forces what; other disks notice nothing. */
    @Test
    void r5_theNameIsFreeWhenTheLastChainHasEnded() throws Exception {
        CompletableFuture<Void> write = writeThatSticksOnDiskB();
        says("chains in flight", refused("eject", "key", "b", "force", true));
        assertEquals("detaching", ask("lookup", "key", "b").state());
        assertNull(node.exports().find("b"));
        says(
                "vdc is allocated to disk b",
                refused("create", "name", "c", "sizeBytes", MIB, "deviceName", "vdc"));
        says("is detaching", refused("insert", "key", "b"));
        says("is detaching", refused("rename", "key", "b", "newDeviceName", "vdz"));
        assertEquals("vdd", create("c", null).deviceName());
        writes.goOn();
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> ask("lookup", "key", "b").state().equals("free"));
        assertThrows(Exception.class, () -> write.get(10, TimeUnit.SECONDS));
        assertEquals(2, ask("insert", "key", "b").generation());
    }

    @Test
    void anEjectThatWasCutShortIsFinishedAtTheNextStart() throws Exception {
        var unused = writeThatSticksOnDiskB();
        says("chains in flight", refused("eject", "key", "b", "force", true));
        node.hurry();
        assertFalse(node.stop(), "a chain is stuck");
        writes.goOn();
        Awaitility.await().until(() -> writes.stuck() == 0);
        node = startNode();
        assertEquals("free", ask("lookup", "key", "b").state());
    }

    @Test
    void aStartThatFailsGivesNothingAway() throws Exception {
        assertTrue(node.stop());
        Files.write(folder.resolve("bad"), new byte[700]);
        assertThrows(StartException.class, () -> startNode("b", "bad"));
        assertThrows(StartException.class, () -> startNode("c", "c"));
        node = startNode();
        assertEquals(List.of("a"), client.disks().stream().map(DiskEntry::name).toList());
        assertEquals("vdc", create("b", null).deviceName());
    }
}
