package io.chainring.node.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.status.Status;
import io.chainring.base.text.Printable;
import io.chainring.persistence.database.StoreException;
import io.chainring.ring.signal.KilledException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

/** The node's own logging configuration, with lines of whoever wants to write into its log. */
class HostileLinesTest {
    private static final String HOSTILE = "x\n12:00:00.000 ERROR all is lost \u001b[2J\u202e";

    private static List<String> logged(String text, Throwable thrown) throws Exception {
        LoggerContext context = new LoggerContext();
        context.setMDCAdapter(new LogbackMDCAdapter());
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(
                Objects.requireNonNull(HostileLinesTest.class.getResource("/logback.xml")));
        ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        var console = (ConsoleAppender<ILoggingEvent>) root.getAppender("stderr");
        String pattern = ((PatternLayoutEncoder) console.getEncoder()).getPattern();
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        console.stop();
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(pattern);
        encoder.setCharset(StandardCharsets.UTF_8);
        encoder.start();
        OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
        appender.setContext(context);
        appender.setEncoder(encoder);
        appender.setOutputStream(written);
        appender.start();
        root.detachAndStopAllAppenders();
        root.addAppender(appender);
        context.getLogger("io.chainring.test").warn("{} came", text, thrown);
        context.getStatusManager()
                .getCopyOfStatusList()
                .forEach(status -> assertTrue(status.getLevel() < Status.ERROR, status::toString));
        context.stop();
        return written.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void aMessageIsOneLineWhateverItQuotes() throws Exception {
        List<String> lines = logged(HOSTILE + "z".repeat(100_000), null);
        assertEquals(1, lines.size());
        String line = lines.get(0);
        assertTrue(line.contains("WARN  x\\n12:00:00.000 ERROR all is lost \\u{1b}[2J\\u{202e}"));
        assertTrue(line.length() < 5000, () -> line.length() + " characters");
    }

    /** A full disk, or no descriptor, fails every actor of a journal: one line each is enough. */
    @Test
    void whatSaysItAllHasNoTraceEvenBelowOthers() throws Exception {
        for (Exception cause :
                List.of(
                        new StoreException.Unavailable(Path.of("/data"), "a write failed", null),
                        new KilledException("backend"))) {
            assertEquals(1, logged("a", new IllegalStateException("b", cause)).size());
        }
    }

    @Test
    void soIsTheMessageOfAnExceptionAndOfItsCause() throws Exception {
        Exception cause = new IllegalArgumentException("cause " + HOSTILE);
        List<String> lines = logged("a", new IllegalStateException(HOSTILE, cause));
        for (String line : lines) {
            String shown = line.startsWith("\t") ? line.substring(1) : line;
            assertTrue(shown.codePoints().allMatch(Printable::isPrintable), line);
            assertTrue(!line.startsWith("12:00:00.000"), line);
        }
        assertTrue(lines.stream().anyMatch(line -> line.startsWith("\tat ")), lines::toString);
        assertTrue(
                lines.stream().anyMatch(line -> line.contains("cause x\\n12:00")), lines::toString);
    }
}
