package io.chainring.base.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.AbstractLogger;
import org.slf4j.helpers.MessageFormatter;

class RateLimitedLogTest {
    private final Lines lines = new Lines();
    private final Queue<Runnable> minutes = new ArrayDeque<>();
    private final RateLimitedLog log =
            new RateLimitedLog(lines, RateLimitedLog.SOURCES_MOST, minutes::add);

    @Test
    void whatComesBeyondAFewIsCountedAndSaidAfterAMinute() {
        for (int i = 0; i < 1239; i++) {
            log.warn("10.0.0.7", "{} says '{}'", "a client", i);
        }
        assertEquals(
                List.of(
                        "WARN a client says '0'",
                        "WARN a client says '1'",
                        "WARN a client says '2'"),
                lines.take());
        aMinutePasses();
        assertEquals(
                List.of("WARN ... and 1,236 more in the last minute from 10.0.0.7: {} says '{}'"),
                lines.take());
        assertNull(minutes.poll(), "nothing runs while nothing is said");

        log.info("10.0.0.7", "{} says '{}'", "a client", "again");
        assertEquals(List.of("INFO a client says 'again'"), lines.take());
        aMinutePasses();
        assertEquals(List.of(), lines.take());
    }

    @Test
    void whatIsQuotedIsOneShortLineWhoeverForgotToCutIt() {
        log.info("10.0.0.7", "{} says {}", "/srv/a\nERROR all is lost\u001b[2J", "x".repeat(5000));
        List<String> said = lines.take();
        assertEquals(1, said.size());
        assertEquals(
                "INFO /srv/a\\nERROR all is lost\\u{1b}[2J says "
                        + "x".repeat(1024)
                        + "...(5,000 characters)",
                said.get(0));
    }

    @Test
    void sourcesAndKindsCountApart() {
        for (int i = 0; i < 100; i++) {
            log.info("loud", "a");
        }
        assertEquals(RateLimitedLog.LINES_MOST, lines.take().size());
        log.info("quiet", "a");
        log.info("loud", "b");
        assertEquals(List.of("INFO a", "INFO b"), lines.take());
    }

    @Test
    void manySourcesAreBoundedTogether() {
        for (int i = 0; i < 100_000; i++) {
            log.info("source " + i, "a");
        }
        assertEquals(RateLimitedLog.SOURCES_MOST + RateLimitedLog.LINES_MOST, lines.take().size());
        log.info("one more", "b");
        assertEquals(List.of("INFO b"), lines.take(), "each kind has room");
        aMinutePasses();
        assertEquals(
                List.of("INFO ... and 99,981 more in the last minute from others: a"),
                lines.take());
    }

    @Test
    void itsMakerSaysHowManySourcesAreToldApart() {
        RateLimitedLog wide = new RateLimitedLog(lines, 100, minutes::add);
        for (int i = 0; i < 100; i++) {
            wide.error("source " + i, "a");
        }
        assertEquals(100, lines.take().size());
        wide.error("one more", "a");
        wide.error("and another", "a");
        wide.error("and another", "a");
        wide.error("and another", "a");
        assertEquals(List.of("ERROR a", "ERROR a", "ERROR a"), lines.take());
        aMinutePasses();
        assertEquals(
                List.of("ERROR ... and 1 more in the last minute from others: a"), lines.take());
    }

    @Test
    void whatTheLoggerLeavesOutIsNotCounted() {
        for (int i = 0; i < 100; i++) {
            log.debug("x", "a");
        }
        assertNull(minutes.poll());
        assertEquals(List.of(), lines.take());
    }

    @Test
    void oneMachineIsOneSource() throws Exception {
        assertEquals("10.0.0.7", source("10.0.0.7"));
        assertEquals("2001:db8:1:2::/64", source("2001:db8:1:2:3:4:5:6"));
        assertEquals(source("2001:db8:1:2::1"), source("2001:db8:1:2:ffff::"));
        assertEquals("a local client", RateLimitedLog.source(UnixDomainSocketAddress.of("/x")));
        assertEquals("a local client", RateLimitedLog.source(null));
    }

    private static String source(String address) throws Exception {
        return RateLimitedLog.source(new InetSocketAddress(InetAddress.getByName(address), 50_312));
    }

    private void aMinutePasses() {
        Runnable sweep = minutes.remove();
        sweep.run();
    }

    /** What is logged, at INFO and above. */
    @NullMarked
    private static final class Lines extends AbstractLogger {
        private static final long serialVersionUID = 1L;

        private final ArrayList<String> all = new ArrayList<>();

        List<String> take() {
            List<String> taken = List.copyOf(all);
            all.clear();
            return taken;
        }

        @Override
        protected @Nullable String getFullyQualifiedCallerName() {
            return null;
        }

        @Override
        protected void handleNormalizedLoggingCall(
                Level level,
                @Nullable Marker marker,
                String format,
                Object @Nullable [] args,
                @Nullable Throwable cause) {
            all.add(level + " " + MessageFormatter.basicArrayFormat(format, args));
        }

        @Override
        public boolean isTraceEnabled() {
            return false;
        }

        @Override
        public boolean isTraceEnabled(Marker marker) {
            return false;
        }

        @Override
        public boolean isDebugEnabled() {
            return false;
        }

        @Override
        public boolean isDebugEnabled(Marker marker) {
            return false;
        }

        @Override
        public boolean isInfoEnabled() {
            return true;
        }

        @Override
        public boolean isInfoEnabled(Marker marker) {
            return true;
        }

        @Override
        public boolean isWarnEnabled() {
            return true;
        }

        @Override
        public boolean isWarnEnabled(Marker marker) {
            return true;
        }

        @Override
        public boolean isErrorEnabled() {
            return true;
        }

        @Override
        public boolean isErrorEnabled(Marker marker) {
            return true;
        }
    }
}
