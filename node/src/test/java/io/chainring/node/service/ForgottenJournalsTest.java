package io.chainring.node.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.node.control.DiskEntry;
import io.chainring.persistence.database.StoreSettings;
import io.chainring.persistence.format.EventRecord.Serialized;
import io.chainring.persistence.store.AtomicAppend;
import io.chainring.persistence.store.Erasure;
import io.chainring.persistence.store.Store;
import io.chainring.persistence.tool.JournalDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A disk's records are its own: they go with it, whoever died meanwhile, and no other disk ever finds them. */
class ForgottenJournalsTest extends DiskCommandsBench {
    private Path journal(int number) {
        return folder.resolve("journals").resolve(Integer.toString(number));
    }

    /** What all journals of a node that does not run know of. */
    private Set<String> recorded() throws IOException {
        Set<String> ids = new TreeSet<>();
        try (Stream<Path> journals = Files.list(folder.resolve("journals"))) {
            for (Path each : journals.toList()) {
                try (JournalDirectory journal = JournalDirectory.open(each, "auto")) {
                    journal.list(entry -> ids.add(entry.persistenceId()));
                }
            }
        }
        return ids;
    }

    private static Store open(Path journal) {
        return Store.open(StoreSettings.forTools(journal, "auto"));
    }

    private static AtomicAppend event(String id) {
        Serialized payload = new Serialized(20, "S", new byte[] {1});
        return new AtomicAppend(
                id, List.of(new AtomicAppend.Event(1, payload, "", "writer", Set.of(), null)));
    }

    private static String idOf(DiskEntry disk) {
        return "disk-" + disk.uuid();
    }

    private long epoch(String disk) {
        return node.status().disks().stream()
                .filter(each -> each.name().equals(disk))
                .findFirst()
                .orElseThrow()
                .epoch();
    }

    @Test
    void aForgottenDiskLeavesNothingAndItsNameBeginsAnew() throws Exception {
        DiskEntry a = ask("lookup", "key", "a");
        for (int i = 0; i < 4; i++) {
            String image = images.resolve("b").toString();
            DiskEntry b = ask("create", "name", "b", "path", image, "sizeBytes", MIB);
            assertEquals(1, epoch("b"), "the records of the disk before");
            ask("eject", "key", b.uuid());
            ask("insert", "key", "b");
            assertEquals(2, epoch("b"));
            ask("eject", "key", "b");
            ask("forget", "key", "b");
        }
        assertTrue(node.stop());
        assertEquals(Set.of(idOf(a)), recorded());
        node = startNode();
    }

    @Test
    void aCreateThatIsRefusedLateLeavesNothing() throws Exception {
        DiskEntry a = ask("lookup", "key", "a");
        Path other = images.resolve("other");
        Files.write(other, new byte[700]);
        refused("create", "name", "b", "path", other.toString(), "sizeBytes", 1024);
        assertTrue(node.stop());
        assertEquals(Set.of(idOf(a)), recorded());
        node = startNode();
    }

    /** Programs of before left the records of forgotten disks; so does a death between two steps. */
    @Test
    void whatNobodyKnowsIsErasedByTheNextStart() throws Exception {
        DiskEntry a = ask("lookup", "key", "a");
        DiskEntry away = create("away", "vdc");
        ask("eject", "key", "away");
        assertTrue(node.stop());
        for (Path journal : List.of(journal(a.journal()), journal(17))) {
            Files.createDirectories(journal);
            Store store = open(journal);
            for (int i = 0; i < 200; i++) {
                store.append(List.of(event("disk-dead-" + i)), true);
            }
            store.append(List.of(event("somebody-else")), true);
            store.close();
        }
        node = startNode();
        assertEquals(400, node.journalsSwept().get());
        assertTrue(node.stop());
        assertEquals(Set.of(idOf(a), idOf(away), "somebody-else"), recorded());
        node = startNode();
        assertEquals(0, node.journalsSwept().get());
    }

    /** The process died when the journal was erased and the registry had not forgotten the disk. */
    @Test
    void aForgettingThatWasCutShortIsDoneAgainOrNot() throws Exception {
        DiskEntry b = create("b", "vdc");
        ask("eject", "key", "b");
        assertTrue(node.stop());
        Store store = open(journal(b.journal()));
        new Erasure(store).erase(List.of(idOf(b)));
        store.close();
        node = startNode();
        assertEquals("inserted", ask("insert", "key", "b").state());
        ask("eject", "key", "b");
        ask("forget", "key", "b");
        assertTrue(node.stop());
        assertEquals(1, recorded().size());
        node = startNode();
    }

    @Test
    void disksThatAreMadeAtOnceAreSpreadOverTheJournals() throws Exception {
        int journals = Runtime.getRuntime().availableProcessors();
        List<CompletableFuture<DiskEntry>> made = new ArrayList<>();
        ExecutorService users = Executors.newCachedThreadPool();
        for (int i = 0; i < 8 * journals - 1; i++) {
            String name = "d" + i;
            made.add(
                    CompletableFuture.supplyAsync(
                            () -> {
                                try {
                                    return create(name, null);
                                } catch (Exception e) {
                                    throw new IllegalStateException(e);
                                }
                            },
                            users));
        }
        int[] disks = new int[journals];
        disks[ask("lookup", "key", "a").journal()]++;
        for (CompletableFuture<DiskEntry> each : made) {
            disks[each.get().journal()]++;
        }
        users.shutdown();
        for (int count : disks) {
            assertEquals(8, count);
        }
    }
}
