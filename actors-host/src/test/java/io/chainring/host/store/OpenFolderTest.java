package io.chainring.host.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** An image in a folder that others may write to is served, and one line says what that means. */
class OpenFolderTest {
    @TempDir Path root;

    private static List<String> warnings(Path image) throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger(ImagePath.class);
        ListAppender<ILoggingEvent> heard = new ListAppender<>();
        heard.start();
        logger.addAppender(heard);
        try {
            FileBlockStore.open(image, FileStoreOptions.DEFAULT.withCreateSizeBytes(4096)).close();
        } finally {
            logger.detachAppender(heard);
        }
        return heard.list.stream()
                .filter(event -> event.getLevel() == Level.WARN)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    private Path folder(String name, String mode) throws Exception {
        Path folder = Files.createDirectory(root.toRealPath().resolve(name));
        return Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(mode));
    }

    @Test
    void isWarnedAboutOnce() throws Exception {
        Path open = folder("open", "rwxrwxrwx");
        List<String> said = warnings(open.resolve("a.img"));
        assertEquals(1, said.size(), said::toString);
        assertTrue(said.get(0).contains(open + ";"), said::toString);
        assertTrue(said.get(0).contains("chmod go-w"), said::toString);
        assertEquals(List.of(), warnings(open.resolve("b.img")));
    }

    @Test
    void aClosedOneIsNot() throws Exception {
        assertEquals(List.of(), warnings(folder("closed", "rwxr-xr-x").resolve("a.img")));
    }
}
