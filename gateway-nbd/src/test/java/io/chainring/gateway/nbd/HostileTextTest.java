package io.chainring.gateway.nbd;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.chainring.base.log.RateLimitedLog;
import io.chainring.base.text.Printable;
import io.chainring.gateway.nbd.protocol.NbdProtocol;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What clients call exports, as the log and the error replies show it. */
class HostileTextTest {
    private static final String NAME =
            "x\n12:00:00.000 ERROR all is lost\u001b[2J\u202e" + "y".repeat(3000);

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger("io.chainring.gateway.nbd");
    private final AppenderBase<ILoggingEvent> appender =
            new AppenderBase<>() {
                @Override
                protected void append(ILoggingEvent event) {
                    lines.add(event.getFormattedMessage());
                }
            };
    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer(TestServer.Transport.EPOLL_TCP, "");
        server.disk("d", false);
        logger.setLevel(Level.INFO);
        appender.start();
        logger.addAppender(appender);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(appender);
        logger.setLevel(null);
        server.close();
    }

    private static void isShort(String line) {
        assertTrue(line.codePoints().allMatch(Printable::isPrintable), line);
        assertTrue(line.length() < 400, line);
        assertFalse(line.contains("y".repeat(65)), line);
    }

    @Test
    void anExportNameIsOneShortLineAndAFloodOfThemIsAFew() throws IOException {
        for (int i = 0; i < 200; i++) {
            try (TestClient client = server.client()) {
                client.greet(NbdProtocol.FLAG_FIXED_NEWSTYLE);
                client.option(NbdProtocol.OPT_EXPORT_NAME, NAME.getBytes(StandardCharsets.UTF_8));
                client.awaitClose();
            }
        }
        await().until(() -> lines.stream().anyMatch(line -> line.contains("no export")));
        List<String> about = lines.stream().filter(line -> line.contains("no export")).toList();
        assertTrue(about.size() <= RateLimitedLog.LINES_MOST, () -> about.size() + " lines");
        about.forEach(HostileTextTest::isShort);
        assertTrue(about.get(0).contains("no export \"x\\n12:00:00.000 ERROR"), about.get(0));
    }

    @Test
    void anErrorReplyQuotesItSoToo() throws IOException {
        try (TestClient client = server.client()) {
            client.greet(NbdProtocol.FLAG_FIXED_NEWSTYLE);
            client.option(NbdProtocol.OPT_INFO, TestClient.exportData(NAME));
            TestClient.OptionReply reply = client.optionReply();
            assertEquals(NbdProtocol.REP_ERR_UNKNOWN, reply.type());
            isShort(reply.text());
        }
    }
}
