package io.chainring.node.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.gateway.nbd.setup.NbdExport;
import io.chainring.node.control.DiskEntry;
import io.chainring.node.http.HostPort;
import io.chainring.registry.name.DriveLetterIdentifier;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The disk commands of a node in this JVM, through its control socket. */
class DiskCommandsTest extends DiskCommandsBench {
    @Test
    void createdDisksAreServedAndRemembered() throws Exception {
        DiskEntry made = create("b", "vdc");
        assertEquals("vdc", made.deviceName());
        assertEquals(2, made.driveLetterValue());
        assertEquals(1, made.generation());
        assertEquals("inserted", made.state());
        assertEquals("serving", made.health());
        assertEquals(folder.resolve("images/b.img").toString(), made.path());
        DriveLetterIdentifier identifier =
                DriveLetterIdentifier.parse(String.valueOf(made.identifier()));
        assertTrue(identifier.isOf(UUID.fromString(made.uuid())));
        assertEquals(List.of("a", "b"), client.disks().stream().map(DiskEntry::name).toList());
        restart();
        assertEquals(made, ask("lookup", "key", "vdc"));
    }

    @Test
    void aDiskIsFoundByEachOfItsKeys() throws Exception {
        DiskEntry made = create("b", "sdaa");
        for (String key :
                List.of("b", made.uuid(), "sdaa", "sd:26", String.valueOf(made.identifier()))) {
            assertEquals(made, ask("lookup", "key", key), key);
        }
        says("no disk", refused("lookup", "key", "vdz"));
        says("no disk", refused("lookup", "key", "nobody"));
    }

    @Test
    void clientsFindItByNameUuidAndDeviceName() throws Exception {
        DiskEntry made = create("b", "vdc");
        Map<String, String> expected =
                Map.of("b", "b", made.uuid(), "b", "vdc", "b", "a", "a", "vdb", "a");
        for (Map.Entry<String, String> each : expected.entrySet()) {
            NbdExport export = node.exports().find(each.getKey());
            assertTrue(export != null, each.getKey());
            assertEquals(each.getValue(), export.name());
        }
        NbdExport export = node.exports().find("vdc");
        assertEquals(
                "Chainring disk b, identifier " + made.identifier(),
                export == null ? "" : export.description());
        assertNull(node.exports().find("vdd"));
        assertEquals(2, node.exports().list().size());
    }

    @Test
    void refusalsNameTheHolderAndAFreeName() throws Exception {
        create("b", "vdc");
        String why = refused("create", "name", "c", "sizeBytes", MIB, "deviceName", "vdc");
        says("vdc is allocated to disk b", why);
        says("vdd is free", why);
        assertEquals(2, client.disks().size());
        assertFalse(Files.exists(folder.resolve("images/c.img")));
        says("already", refused("create", "name", "b", "sizeBytes", MIB));
        says("reserved", refused("create", "name", "c", "sizeBytes", MIB, "deviceName", "vda"));
        says("device name", refused("create", "name", "c", "sizeBytes", MIB, "deviceName", "hda"));
        says("disk name", refused("create", "name", "../c", "sizeBytes", MIB));
        says("give a size", refused("create", "name", "c"));
        says(
                "one disk per image",
                refused("create", "name", "c", "path", images.resolve("a").toString()));
        assertEquals("vdd", create("c", null).deviceName());
    }

    @Test
    void anEjectedDiskComesBackWithTheNextGeneration() throws Exception {
        DiskEntry made = create("b", "vdc");
        DiskEntry free = ask("eject", "key", "vdc");
        assertEquals("free", free.state());
        assertNull(free.deviceName());
        assertNull(free.identifier());
        assertEquals("vdc", free.rememberedName());
        assertNull(node.exports().find("b"));
        says("not inserted", refused("eject", "key", "b"));
        says("not inserted", refused("resize", "key", "b", "sizeBytes", 2 * MIB));
        restart();
        assertEquals("free", ask("lookup", "key", "b").state());
        DiskEntry again = ask("insert", "key", "b");
        assertEquals("vdc", again.deviceName());
        assertEquals(2, again.generation());
        assertEquals(again, ask("insert", "key", "b"));
        says("generation", refused("lookup", "key", made.identifier()));
        says("rename it", refused("insert", "key", "b", "deviceName", "vdz"));
    }

    /** R3: a name that another disk got meanwhile is refused, never exchanged for another one. */
    @Test
    void aNameThatWasGivenAwayIsRefusedToWhoComesBack() throws Exception {
        create("b", "vdc");
        ask("eject", "key", "b");
        create("c", "vdc");
        says("vdc is allocated to disk c", refused("insert", "key", "b"));
        assertEquals("vdq", ask("insert", "key", "b", "deviceName", "vdq").deviceName());
    }

    @Test
    void namesOfDisksAndDevicesCanBeChanged() throws Exception {
        DiskEntry made = create("b", "vdc");
        long epoch = status("b");
        DiskEntry moved = ask("rename", "key", "b", "newDeviceName", "vde");
        assertEquals("vde", moved.deviceName());
        assertEquals("b", moved.name());
        DiskEntry renamed = ask("rename", "key", "vde", "newDiskName", "archive");
        assertEquals("archive", renamed.name());
        assertEquals(made.uuid(), renamed.uuid());
        assertNull(node.exports().find("b"));
        assertNull(node.exports().find("vdc"));
        assertEquals("archive", exportName("vde"));
        // Its journal is the same: the epoch was found there.
        assertEquals(epoch + 2, status("archive"));
        says("is allocated to disk a", refused("rename", "key", "archive", "newDeviceName", "vdb"));
        says("belongs to disk", refused("rename", "key", "archive", "newDiskName", "a"));
        assertEquals("serving", ask("lookup", "key", "archive").health());
        // Whoever was attached before the rename still has it under this name.
        says(
                "vdc is allocated to disk archive",
                refused("create", "name", "b", "sizeBytes", MIB, "deviceName", "vdc"));
        ask("eject", "key", "archive");
        DiskEntry second = create("b", "vdc");
        assertEquals(2, second.generation());
        ask("insert", "key", "archive");
        restart();
        assertEquals("archive", exportName("vde"));
        assertEquals("b", exportName("vdc"));
    }

    private String exportName(String asked) {
        NbdExport export = node.exports().find(asked);
        return export == null ? "" : export.name();
    }

    private long status(String name) throws Exception {
        return client.status().disks().stream()
                .filter(disk -> disk.name().equals(name))
                .findFirst()
                .orElseThrow()
                .epoch();
    }

    @Test
    void aForgottenDiskLeavesItsImageAndItsNameBehind() throws Exception {
        create("b", "vdc");
        says("is inserted", refused("forget", "key", "b"));
        ask("eject", "key", "b");
        assertEquals("b", ask("forget", "key", "b").name());
        assertEquals(1, client.disks().size());
        assertTrue(Files.exists(folder.resolve("images/b.img")));
        assertEquals(2, create("b", null).generation(), "vdc for the second time");
        restart();
        assertEquals(2, client.disks().size());
    }

    @Test
    void disksGrowAndDoNotShrink() throws Exception {
        assertEquals(3 * MIB, ask("resize", "key", "a", "sizeBytes", 3 * MIB).sizeBytes());
        assertEquals(3 * MIB, Files.size(images.resolve("a")));
        says("not made smaller", refused("resize", "key", "a", "sizeBytes", MIB));
        assertEquals(3 * MIB + 1, ask("resize", "key", "a", "sizeBytes", 3 * MIB + 1).sizeBytes());
        says("not made smaller", refused("resize", "key", "a", "sizeBytes", 3 * MIB));
        restart();
        assertEquals(3 * MIB + 1, ask("lookup", "key", "a").sizeBytes());
        assertEquals(3 * MIB + 1, Files.size(images.resolve("a")));
    }

    /** R1 through the whole node: many ask for one name at once. */
    @Test
    void oneOfManyGetsTheName() throws Exception {
        List<CompletableFuture<String>> asked =
                java.util.stream.IntStream.range(0, 8)
                        .mapToObj(i -> CompletableFuture.supplyAsync(() -> outcome("n" + i)))
                        .toList();
        List<String> outcomes = asked.stream().map(CompletableFuture::join).toList();
        assertEquals(1, outcomes.stream().filter("vdc"::equals).count(), outcomes::toString);
        assertEquals(
                7,
                outcomes.stream().filter(each -> each.contains("vdc is allocated")).count(),
                outcomes::toString);
        assertEquals(2, client.disks().size());
    }

    private String outcome(String name) {
        try {
            return String.valueOf(create(name, "vdc").deviceName());
        } catch (Exception e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Test
    void aGuestReadsTheIdentifierAsItsSerial() throws Exception {
        DiskEntry made = create("b", "vdc");
        CompletableFuture<String> serial = new CompletableFuture<>();
        node.disks().get(1).service().openRing(new SerialReader(serial));
        assertEquals(made.identifier(), serial.get(120, TimeUnit.SECONDS));
    }

    @Test
    void metersComeAndGoWithTheirDisk() throws Exception {
        create("b", "vdc");
        assertTrue(scrape().contains("disk=\"b\""));
        ask("eject", "key", "b");
        assertFalse(scrape().contains("disk=\"b\""));
        ask("insert", "key", "b");
        assertTrue(scrape().contains("chainring_disk_serving{disk=\"b\"} 1.0"), this::scrape);
    }

    private String scrape() {
        return NodeTest.get("http://" + HostPort.format(node.metricsAddress()) + "/metrics");
    }
}
