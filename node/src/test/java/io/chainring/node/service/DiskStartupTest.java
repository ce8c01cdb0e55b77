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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What a start makes of commands that were cut short, and who keeps a name meanwhile. */
class DiskStartupTest extends DiskCommandsBench {
    /** The registry is the list; what stands beside it is for people. */
    @Test
    void disksJsonIsAViewThatNobodyReads() throws Exception {
        DiskEntry made = create("b", "vdc");
        Path view = folder.resolve("disks.json");
        assertTrue(Files.readString(view).contains(made.uuid()));
        ask("rename", "key", "b", "newDiskName", "renamed");
        assertTrue(Files.readString(view).contains("renamed"));
        assertTrue(node.stop());
        Files.writeString(view, "rubbish");
        node = startNode();
        assertEquals("renamed", ask("lookup", "key", made.uuid()).name());
        assertTrue(Files.readString(view).contains(made.uuid()));
        ask("eject", "key", "renamed");
        ask("forget", "key", "renamed");
        assertFalse(Files.readString(view).contains(made.uuid()));
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
                .atMost(Duration.ofSeconds(120))
                .until(() -> ask("lookup", "key", "b").state().equals("free"));
        assertThrows(Exception.class, () -> write.get(120, TimeUnit.SECONDS));
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
        Files.write(images.resolve("bad"), new byte[700]);
        assertThrows(StartException.class, () -> startNode("b", "bad"));
        assertThrows(StartException.class, () -> startNode("c", "c"));
        assertFalse(Files.exists(images.resolve("b")), "an image of a disk that there is not");
        assertTrue(Files.exists(images.resolve("bad")));
        node = startNode();
        assertEquals(List.of("a"), client.disks().stream().map(DiskEntry::name).toList());
        assertEquals("vdc", create("b", null).deviceName());
    }

    /** Whatever a start had opened when it failed is closed again: this process is not the last one that tries. */
    @Test
    void aStartThatFailsClosesEveryImage() throws Exception {
        assertTrue(node.stop());
        String why =
                String.valueOf(
                        assertThrows(StartException.class, () -> startNode("vdb", "c", "d"))
                                .getMessage());
        says("vdb", why);
        assertThrows(StartException.class, () -> startNode("c", "d", "vdb"));
        Files.write(images.resolve("bad"), new byte[700]);
        assertThrows(StartException.class, () -> startNode("c", "bad", "d"));
        node = startNode("c", "d");
        assertEquals(3, client.disks().size());
    }

    @Test
    void aFaultBehindTheCommandReachesItsAnswer() throws Exception {
        create("b", "vdc");
        writes.failStatus(true);
        String why =
                String.valueOf(
                        assertThrows(
                                        Exception.class,
                                        () -> ask("rename", "key", "b", "newDeviceName", "vde"))
                                .getMessage());
        writes.failStatus(false);
        assertFalse(why.contains("chains in flight"), why);
        assertEquals("vde", ask("lookup", "key", "b").deviceName());
        assertEquals("free", ask("eject", "key", "b").state());
    }
}
