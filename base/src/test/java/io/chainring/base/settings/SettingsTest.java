package io.chainring.base.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class SettingsTest {
    private enum Colour {
        RED,
        DARK_BLUE
    }

    private final Settings settings =
            Settings.at(
                    ConfigFactory.parseString(
                            "a.b { n = 7, size = 4 KiB, wait = 50 ms, never = off, word = red,"
                                    + " two = dark-blue, list = [red, RED], half = 0.5, bad = [1]}"),
                    "a.b");

    private static void refuses(String message, Executable reading) {
        assertEquals(message, assertThrows(InvalidSettingException.class, reading).getMessage());
    }

    @Test
    void readsWhatIsInItsRange() {
        assertEquals(7, settings.number("n", 7, 7));
        assertEquals(4096, settings.intBytes("size", 1, 4096));
        Duration wait = settings.duration("wait", Duration.ofMillis(50), Duration.ofMillis(50));
        assertEquals(Duration.ofMillis(50), wait);
        assertNull(settings.durationOrOff("never", Duration.ofMillis(1), Duration.ofDays(1)));
        assertEquals(Colour.RED, settings.choice("word", Colour.class));
        assertEquals(Colour.DARK_BLUE, settings.choice("two", Colour.class));
        assertEquals(
                List.of(Colour.RED, Colour.RED),
                settings.allParsed("list", text -> Settings.choiceOf(text, Colour.class)));
        assertEquals(0.5, settings.share("half"));
        assertEquals(List.of("red", "dark-blue"), Settings.labels(Colour.class));
    }

    @Test
    void saysWhatIsWrongInOneWay() {
        refuses("a.b.n = 7: allowed are 8 to 9", () -> settings.number("n", 8, 9));
        refuses(
                "a.b.size = 4096 bytes: allowed are 1 to 512 bytes",
                () -> settings.bytes("size", 1, 512));
        refuses(
                "a.b.wait = 50 ms: allowed are 1 s to 2 d",
                () -> settings.duration("wait", Duration.ofSeconds(1), Duration.ofDays(2)));
        refuses("a.b.n = 7.0: allowed are 0 to 1", () -> settings.share("n"));
        refuses(
                "a.b.never = off: one of red, dark-blue",
                () -> settings.choice("never", Colour.class));
        refuses("a.b.gone: is not set", () -> settings.text("gone"));
        refuses("a.b.gone: is not set", () -> settings.flag("gone"));
        refuses("a.b.word = red: on or off", () -> settings.flag("word"));
        refuses("a.c: is not set", () -> Settings.at(ConfigFactory.parseString("a.b {}"), "a.c"));
    }

    @Test
    void namesASettingOfTheWrongType() {
        InvalidSettingException wrong =
                assertThrows(InvalidSettingException.class, () -> settings.number("bad", 1, 2));
        assertEquals(true, wrong.getMessage().startsWith("a.b.bad: "), wrong.getMessage());
        assertEquals(1, wrong.getMessage().lines().count());
    }
}
