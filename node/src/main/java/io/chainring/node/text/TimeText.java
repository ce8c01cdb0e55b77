package io.chainring.node.text;

import io.chainring.node.StartException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times as people write them: {@code 100ms}, {@code 20s}, {@code 5m}, {@code 2h}. */
public final class TimeText {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,9})(ms|s|m|h)");
    private static final Duration LONGEST = Duration.ofHours(24);

    private TimeText() {}

    /**
     * @param option for the error
     * @param shortest least time
     * @throws StartException one line
     */
    public static Duration parse(String option, String text, Duration shortest)
            throws StartException {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new StartException(
                    option + " '" + text + "': a time is expected, such as 100ms, 20s, 5m or 2h");
        }
        long number = Long.parseLong(matcher.group(1));
        Duration time =
                switch (matcher.group(2)) {
                    case "ms" -> Duration.ofMillis(number);
                    case "s" -> Duration.ofSeconds(number);
                    case "m" -> Duration.ofMinutes(number);
                    default -> Duration.ofHours(number);
                };
        if (time.compareTo(shortest) < 0 || time.compareTo(LONGEST) > 0) {
            throw new StartException(option + " '" + text + "': allowed are 1ms to 24h");
        }
        return time;
    }
}
