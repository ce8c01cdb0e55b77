package io.chainring.gateway.nbd.reload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Files that change, for better or worse. */
class ReloadedTest {
    @TempDir Path folder;
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final List<String> taken = new ArrayList<>();
    private Path file;
    private int reads;

    @BeforeEach
    void listen() {
        file = folder.resolve("f");
        log.start();
        ((Logger) LoggerFactory.getLogger(Reloaded.class)).addAppender(log);
    }

    @AfterEach
    void silence() {
        ((Logger) LoggerFactory.getLogger(Reloaded.class)).detachAppender(log);
    }

    private Reloaded<String> reloaded() {
        return new Reloaded<>("the file", List.of(file), this::read, taken::add);
    }

    private String read() {
        reads++;
        try {
            String text = Files.readString(file);
            if (text.startsWith("bad")) {
                throw new IllegalArgumentException(text);
            }
            return text;
        } catch (IOException e) {
            throw new IllegalArgumentException("unreadable", e);
        }
    }

    /** As an administrator should: the new one is complete before it is there. */
    private void replace(String text) throws IOException {
        Path fresh = Files.writeString(folder.resolve("fresh"), text);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private List<String> said() {
        return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Test
    void isReadOnceWhileNothingChanges() throws IOException {
        Files.writeString(file, "one");
        Reloaded<String> value = reloaded();
        for (int i = 0; i < 10; i++) {
            value.check();
        }
        assertEquals(1, reads);
        assertEquals(List.of(), said());
    }

    @Test
    void aNewFileIsTakenOver() throws IOException {
        Files.writeString(file, "one");
        Reloaded<String> value = reloaded();
        replace("two");
        value.check();
        assertEquals("two", value.current());
        // As long as the one before, written in place.
        Files.writeString(file, "2.0");
        value.check();
        assertEquals("2.0", value.current());
        assertEquals(List.of("two", "2.0"), taken);
        assertEquals(2, said().size(), said()::toString);
    }

    @Test
    void aWrongFileIsNamedOnceForEachReasonAndTheOldValueStays() throws IOException {
        Files.writeString(file, "one");
        Reloaded<String> value = reloaded();
        for (String text : new String[] {"bad first", "bad second"}) {
            replace(text);
            for (int i = 0; i < 5; i++) {
                value.check();
            }
        }
        Files.delete(file);
        value.check();
        value.check();
        assertEquals("one", value.current());
        assertEquals(3, said().size(), said()::toString);
        replace("two");
        value.check();
        assertEquals("two", value.current());
        assertEquals(List.of("two"), taken);
        replace("bad second");
        value.check();
        assertEquals(5, said().size(), said()::toString);
    }

    @Test
    void aWrongFileAtTheBeginningIsRefused() throws IOException {
        Files.writeString(file, "bad");
        assertThrows(IllegalArgumentException.class, this::reloaded);
    }
}
