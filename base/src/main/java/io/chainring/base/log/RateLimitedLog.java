package io.chainring.base.log;

import io.chainring.base.text.Printable;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.event.Level;

/**
 * Log lines that a peer can cause: a few a minute of each kind from one source; of the rest their number is said when the
 * minute is over.
 *
 * <pre>
 *   [id: ..., R:/10.0.0.7:50312] asked for 'x', which is not exported              at most 3 of these
 *   ... and 1,234 more in the last minute from 10.0.0.7: {} asked for '{}', which is not exported
 * </pre>
 *
 * A kind is the format, which has to be a constant: a format with a peer's text in it would be a kind of its own each time.
 * {@value #SOURCES_MOST} pairs of kind and source are told apart at a time, or as many as its maker says; what comes beyond is
 * counted together, a kind. So memory and lines are bounded, by about (16 + kinds) x 4 lines a minute, whatever comes from
 * wherever. Arguments are made
 * one printable line each ({@link Printable#line}); who quotes a name cuts it shorter himself. Thread-safe.
 */
public final class RateLimitedLog {
    /** Lines of one kind from one source in a minute. */
    public static final int LINES_MOST = 3;

    /** Pairs of kind and source that are told apart. */
    public static final int SOURCES_MOST = 16;

    private static final String OTHERS = "others";

    private final Logger log;
    private final int sourcesMost;
    private final Consumer<Runnable> afterAMinute;
    private final Map<Key, Window> windows = new HashMap<>();
    private boolean sweeps;

    private record Key(String source, String format) {}

    private static final class Window {
        final Level level;
        int lines;
        long more;

        Window(Level level) {
            this.level = level;
        }
    }

    /** Limits lines of a logger. */
    public RateLimitedLog(Logger log) {
        this(log, SOURCES_MOST);
    }

    /**
     * Limits lines of a logger whose sources are no peers, but known and few.
     *
     * @param sourcesMost pairs of kind and source that are told apart
     */
    public RateLimitedLog(Logger log, int sourcesMost) {
        this(log, sourcesMost, CompletableFuture.delayedExecutor(1, TimeUnit.MINUTES)::execute);
    }

    /**
     * As above, with another clock.
     *
     * @param afterAMinute runs something when a minute has passed
     */
    public RateLimitedLog(Logger log, int sourcesMost, Consumer<Runnable> afterAMinute) {
        this.log = log;
        this.sourcesMost = sourcesMost;
        this.afterAMinute = afterAMinute;
    }

    /**
     * Where something came from, as a source: an IP address without its port, the 64 bits of network of an IPv6 one (which
     * one machine may have all addresses of); all clients of unix sockets are one, whatever they call themselves.
     */
    public static String source(@Nullable SocketAddress peer) {
        if (peer instanceof InetSocketAddress ip && ip.getAddress() != null) {
            String address = ip.getAddress().getHostAddress();
            return ip.getAddress() instanceof Inet6Address
                    ? address.replaceFirst("^((?:[^:]+:){4}).*", "$1:/64")
                    : address;
        }
        return "a local client";
    }

    /**
     * @param source whose lines are counted together, see {@link #source}
     * @param format of SLF4J; a constant
     * @param args of the format; a Throwable at its end is printed with its stack
     */
    public void error(String source, String format, @Nullable Object... args) {
        at(Level.ERROR, source, format, args);
    }

    /** As {@link #error}. */
    public void warn(String source, String format, @Nullable Object... args) {
        at(Level.WARN, source, format, args);
    }

    /** As {@link #error}. */
    public void info(String source, String format, @Nullable Object... args) {
        at(Level.INFO, source, format, args);
    }

    /** As {@link #error}. */
    public void debug(String source, String format, @Nullable Object... args) {
        at(Level.DEBUG, source, format, args);
    }

    private void at(Level level, String source, String format, @Nullable Object... args) {
        if (log.isEnabledForLevel(level) && mayPass(level, source, format)) {
            log.atLevel(level).log(format, printable(args));
        }
    }

    /** A channel's name, too, is of its client's making: on a unix socket it holds the client's path. */
    private static @Nullable Object[] printable(@Nullable Object[] args) {
        @Nullable Object[] texts = new Object[args.length];
        for (int i = 0; i < args.length; i++) {
            texts[i] = args[i] instanceof Throwable ? args[i] : Printable.line(args[i]);
        }
        return texts;
    }

    private synchronized boolean mayPass(Level level, String source, String format) {
        Key key = new Key(source, format);
        Window window = windows.get(key);
        if (window == null) {
            if (windows.size() >= sourcesMost) {
                key = new Key(OTHERS, format);
                window = windows.get(key);
            }
            if (window == null) {
                window = new Window(level);
                windows.put(key, window);
                sweepLater();
            }
        }
        if (window.lines < LINES_MOST) {
            window.lines++;
            return true;
        }
        window.more++;
        return false;
    }

    private void sweepLater() {
        if (!sweeps) {
            sweeps = true;
            afterAMinute.accept(this::sweep);
        }
    }

    private void sweep() {
        Map<Key, Window> ended;
        synchronized (this) {
            sweeps = false;
            ended = Map.copyOf(windows);
            windows.clear();
        }
        ended.forEach(this::say);
    }

    private void say(Key key, Window window) {
        if (window.more == 0) {
            return;
        }
        log.atLevel(window.level)
                .log(
                        "... and {} more in the last minute from {}: {}",
                        String.format(Locale.ROOT, "%,d", window.more),
                        key.source,
                        key.format);
    }
}
