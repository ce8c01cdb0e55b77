package io.chainring.node.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.chainring.node.control.DiskEntry;
import io.chainring.node.data.MissingDisks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A registry that has lost disks is noticed at the start, and one that has forgotten them is not taken for it. */
class MissingDisksTest extends DiskCommandsBench {
    private final ListAppender<ILoggingEvent> said = new ListAppender<>();

    private Path kept() {
        return folder.resolve("disks.lost.json");
    }

    @BeforeEach
    void listen() {
        said.start();
        ((Logger) LoggerFactory.getLogger(MissingDisks.class)).addAppender(said);
    }

    @AfterEach
    void listenNoMore() {
        ((Logger) LoggerFactory.getLogger(MissingDisks.class)).detachAppender(said);
    }

    private List<String> errors() {
        return said.list.stream()
                .filter(each -> each.getLevel() == Level.ERROR)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    @Test
    void disksThatTheRegistryHasLostAreNamedAndComeBack() throws Exception {
        Path outside = images.resolve("b");
        DiskEntry b = ask("create", "name", "b", "path", outside.toString(), "sizeBytes", MIB);
        DiskEntry c = create("c", null);
        assertTrue(node.stop());
        Files.move(folder.resolve("registry"), folder.resolve("registry.old"));
        node = startNode("a");
        List<String> errors = errors();
        assertEquals(4, errors.size(), errors::toString);
        says("has lost 3 disks", errors.get(0));
        says(kept().toString(), errors.get(0));
        for (DiskEntry lost : List.of(b, c)) {
            assertTrue(
                    errors.stream()
                            .anyMatch(
                                    each ->
                                            each.contains(lost.uuid())
                                                    && each.contains(lost.path())),
                    errors::toString);
            says(lost.uuid(), Files.readString(kept()));
            assertEquals(
                    "inserted", ask("create", "name", lost.name(), "path", lost.path()).state());
        }
        restart();
        assertEquals(4, errors().size(), "told again");
    }

    @Test
    void disksThatWereForgottenAreNotMissed() throws Exception {
        create("b", null);
        ask("eject", "key", "b");
        ask("forget", "key", "b");
        restart();
        restart();
        assertEquals(List.of(), errors());
        assertFalse(Files.exists(kept()));
    }

    @Test
    void aViewThatCannotBeReadKeepsNobodyFromStarting() throws Exception {
        assertTrue(node.stop());
        Files.writeString(folder.resolve("disks.json"), "{");
        node = startNode();
        assertEquals(Level.WARN, said.list.get(0).getLevel());
        assertEquals("inserted", ask("lookup", "key", "a").state());
    }
}
