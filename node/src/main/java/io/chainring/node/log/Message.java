package io.chainring.node.log;

import ch.qos.logback.classic.pattern.MessageConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.chainring.base.text.Printable;

/**
 * The message of a log line ({@code %text} in logback.xml): one line, whatever somebody put into a name, a path or an
 * exception that is quoted in it, also where a library quotes it.
 */
public final class Message extends MessageConverter {
    @Override
    public String convert(ILoggingEvent event) {
        return Printable.cut(event.getFormattedMessage(), 4 * Printable.LINE_CODE_POINTS);
    }
}
