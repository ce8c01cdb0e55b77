package io.chainring.node.log;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import io.chainring.base.text.Printable;
import io.chainring.persistence.database.StoreException;
import io.chainring.ring.signal.KilledException;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The stack trace of a log line ({@code %trace} in logback.xml), left out where it says nothing: a kill was asked for,
 * and a journal that cannot be used says in its message all that there is to know.
 */
public final class Trace extends ThrowableProxyConverter {
    private static final Set<String> SAY_IT_ALL =
            Set.of(KilledException.class.getName(), StoreException.class.getName());

    private static final int MOST_MESSAGES = 64;

    @Override
    public String convert(ILoggingEvent event) {
        for (IThrowableProxy each = event.getThrowableProxy();
                each != null;
                each = each.getCause()) {
            String name = each.getClassName();
            int nested = name.indexOf('$');
            if (SAY_IT_ALL.contains(nested < 0 ? name : name.substring(0, nested))) {
                return "";
            }
        }
        return printable(super.convert(event), event.getThrowableProxy());
    }

    /** Messages of exceptions quote others; a line end in one would begin a line of the log. */
    private static String printable(String trace, @Nullable IThrowableProxy thrown) {
        Set<String> messages = new LinkedHashSet<>();
        collect(thrown, messages);
        String text = trace;
        for (String message : messages) {
            text = text.replace(message, Printable.line(message));
        }
        return text.lines()
                .map(
                        line ->
                                line.startsWith("\t")
                                        ? "\t" + Printable.line(line.substring(1))
                                        : Printable.line(line))
                .map(line -> line + System.lineSeparator())
                .collect(Collectors.joining());
    }

    private static void collect(@Nullable IThrowableProxy thrown, Set<String> messages) {
        if (thrown == null || messages.size() > MOST_MESSAGES) {
            return;
        }
        String message = thrown.getMessage();
        if (message != null && !message.equals(Printable.line(message))) {
            messages.add(message);
        }
        collect(thrown.getCause(), messages);
        for (IThrowableProxy suppressed : thrown.getSuppressed()) {
            collect(suppressed, messages);
        }
    }
}
