package io.chainring.node.log;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import java.util.Set;

/**
 * The stack trace of a log line ({@code %trace} in logback.xml), left out where it says nothing: a kill was asked for,
 * and a journal that cannot be used says in its message all that there is to know.
 */
public final class Trace extends ThrowableProxyConverter {
    private static final Set<String> SAY_IT_ALL =
            Set.of(
                    "io.chainring.ring.backend.KilledException",
                    "io.chainring.persistence.store.StoreException");

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
        return super.convert(event);
    }
}
