package io.chainring.base.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads settings below one path. Each is read with its range, and whatever is wrong with one is said in one way:
 *
 * <pre>
 *   chainring.nbd.max-connections = 0: allowed are 1 to 1048576
 * </pre>
 *
 * Names are relative to the path; messages have the whole one. All methods throw {@link InvalidSettingException}.
 */
public class Settings {
    private static final String OFF = "off";

    private final Config section;
    private final String path;

    private Settings(Config section, String path) {
        this.section = section;
        this.path = path;
    }

    /**
     * Settings of a whole configuration. None of them may be one that no {@code reference.conf} has, see {@link
     * UnknownSettings}.
     *
     * @param whole with defaults, as an ActorSystem has it
     * @param path where the settings stand
     */
    public static Settings at(Config whole, String path) {
        Settings settings = new Settings(read(path, () -> whole.getConfig(path)), path);
        UnknownSettings.refuse(whole, path);
        return settings;
    }

    /**
     * Settings that somebody has taken out of the whole already, as Pekko does for a plugin.
     *
     * @param section the settings alone
     * @param path where they stood
     */
    public static Settings of(Config section, String path) {
        return new Settings(section, path);
    }

    /** The settings below one of these. */
    public Settings below(String name) {
        return new Settings(read(path(name), () -> section.getConfig(name)), path(name));
    }

    /** These settings, and those of elsewhere where these leave one out; a message names where it is set. */
    public Settings or(Settings elsewhere) {
        Config own = section;
        return new Settings(own.withFallback(elsewhere.section), path) {
            @Override
            public String path(String name) {
                return own.hasPathOrNull(name) ? super.path(name) : elsewhere.path(name);
            }
        };
    }

    /** Whole path of a setting. */
    public String path(String name) {
        return path + "." + name;
    }

    /** A whole number. */
    public int number(String name, int least, int most) {
        return (int) count(name, least, most);
    }

    /** A whole number. */
    public long count(String name, long least, long most) {
        return inRange(name, value(name, () -> section.getLong(name)), least, most, "");
    }

    /** A size in bytes, given with or without a unit. */
    public long bytes(String name, long least, long most) {
        return inRange(name, value(name, () -> section.getBytes(name)), least, most, " bytes");
    }

    /** A size in bytes that an array or a buffer can have. */
    public int intBytes(String name, int least, int most) {
        return (int) bytes(name, least, most);
    }

    private long inRange(String name, long value, long least, long most, String unit) {
        if (value < least || value > most) {
            throw refused(name, value + unit, "allowed are " + least + " to " + most + unit);
        }
        return value;
    }

    /** A number from 0 to 1. */
    public double share(String name) {
        double value = value(name, () -> section.getDouble(name));
        if (!(value >= 0 && value <= 1)) {
            throw refused(name, value, "allowed are 0 to 1");
        }
        return value;
    }

    /** A span of time. */
    public Duration duration(String name, Duration least, Duration most) {
        Duration value = value(name, () -> section.getDuration(name));
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw refused(
                    name,
                    section.getValue(name).unwrapped(),
                    "allowed are " + text(least) + " to " + text(most));
        }
        return value;
    }

    /** A span of time; null when the setting says off. */
    public @Nullable Duration durationOrOff(String name, Duration least, Duration most) {
        return isOff(name) ? null : duration(name, least, most);
    }

    /** Whether the setting says off. */
    public boolean isOff(String name) {
        String text = text(name).toLowerCase(Locale.ROOT);
        return text.equals(OFF) || text.equals("false");
    }

    /** On or off. */
    public boolean flag(String name) {
        try {
            return value(name, () -> section.getBoolean(name));
        } catch (InvalidSettingException e) {
            if (e.getCause() instanceof ConfigException.WrongType) {
                Object given = section.getValue(name).unwrapped();
                throw new InvalidSettingException(path(name), given, "on or off", e);
            }
            throw e;
        }
    }

    /** Text as it is, which may be empty. */
    public String text(String name) {
        return value(name, () -> section.getString(name));
    }

    /** Texts as they are, which may be none. */
    public List<String> texts(String name) {
        return List.copyOf(value(name, () -> section.getStringList(name)));
    }

    /**
     * One of several choices, in any case; a choice with more than one word has dashes.
     *
     * @param choices the type of the choices
     */
    public <E extends Enum<E>> E choice(String name, Class<E> choices) {
        return parsed(name, text(name), text -> choiceOf(text, choices));
    }

    /**
     * Text that its type understands.
     *
     * @param parser throws IllegalArgumentException with what is allowed
     */
    public <T> T parsed(String name, Function<String, T> parser) {
        return parsed(name, text(name), parser);
    }

    /** Texts that their type understands. */
    public <T> List<T> allParsed(String name, Function<String, T> parser) {
        return texts(name).stream().map(text -> parsed(name, text, parser)).toList();
    }

    private <T> T parsed(String name, String text, Function<String, T> parser) {
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            throw new InvalidSettingException(path(name), text, String.valueOf(e.getMessage()), e);
        }
    }

    /** What to throw when settings contradict each other, or a value is out of a range that is not a plain one. */
    public InvalidSettingException refused(String name, Object value, String problem) {
        return new InvalidSettingException(path(name), value, problem);
    }

    private <T> T value(String name, Supplier<T> reading) {
        return read(path(name), reading);
    }

    private static <T> T read(String path, Supplier<T> reading) {
        try {
            return reading.get();
        } catch (ConfigException.Missing e) {
            throw new InvalidSettingException(path, null, "is not set", e);
        } catch (ConfigException e) {
            String problem = String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
            throw new InvalidSettingException(path, null, problem, e);
        }
    }

    /**
     * One of several choices by its name, as on a command line.
     *
     * @throws IllegalArgumentException with the choices
     */
    public static <E extends Enum<E>> E choiceOf(String text, Class<E> choices) {
        for (E choice : choices.getEnumConstants()) {
            if (label(choice).equalsIgnoreCase(text)) {
                return choice;
            }
        }
        throw new IllegalArgumentException("one of " + String.join(", ", labels(choices)));
    }

    /** The names by which {@link #choiceOf} knows choices, in their order. */
    public static <E extends Enum<E>> List<String> labels(Class<E> choices) {
        return Arrays.stream(choices.getEnumConstants()).map(Settings::label).toList();
    }

    /** The name by which {@link #choiceOf} knows a choice. */
    public static String label(Enum<?> choice) {
        return choice.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String text(Duration duration) {
        long millis = duration.toMillis();
        if (millis == 0) {
            return duration.toNanos() == 0 ? "0" : duration.toNanos() / 1000 + " us";
        }
        return millis % 1000 != 0
                ? millis + " ms"
                : millis % 86_400_000 == 0 ? millis / 86_400_000 + " d" : millis / 1000 + " s";
    }
}
