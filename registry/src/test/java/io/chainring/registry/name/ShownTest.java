package io.chainring.registry.name;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What others wrote stands in a message without what a terminal obeys. */
class ShownTest {
    /** ESC, a line end, and of those beyond ASCII: next line, CSI, right-to-left override, line separator. */
    @ParameterizedTest
    @ValueSource(ints = {0x1B, 0x0A, 0x80, 0x85, 0x9B, 0x202E, 0x2028, 0xD800, 0xFFFF})
    void whatATerminalObeysIsNotShown(int character) {
        assertEquals("a?b", Shown.text("a" + (char) character + "b"));
    }

    @Test
    void whatIsLongIsCut() {
        assertEquals("x".repeat(80) + "...", Shown.text("x".repeat(100_000)));
        assertEquals("\u00e4\u20ac", Shown.text("\u00e4\u20ac"));
    }
}
