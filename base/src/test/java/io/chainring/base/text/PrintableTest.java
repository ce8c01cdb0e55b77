package io.chainring.base.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrintableTest {
    @Test
    void whatIsPlainStaysAsItIs() {
        String plain = "disk0 'a b' \\ ~ \"x\"";
        assertSame(plain, Printable.name(plain));
        assertEquals("Größe 磁盘 \uD83D\uDCBE", Printable.name("Größe 磁盘 \uD83D\uDCBE"));
        assertEquals("null", Printable.name(null));
        assertEquals("", Printable.name(""));
    }

    @ParameterizedTest
    @CsvSource({
        "000A, \\n",
        "000D, \\r",
        "0009, \\t",
        "0000, \\u{0}",
        "001B, \\u{1b}",
        "007F, \\u{7f}",
        "009B, \\u{9b}",
        "00A0, \\u{a0}",
        "00AD, \\u{ad}",
        "200B, \\u{200b}",
        "200D, \\u{200d}",
        "2028, \\u{2028}",
        "2029, \\u{2029}",
        "202E, \\u{202e}",
        "2066, \\u{2066}",
        "2800, \\u{2800}",
        "3164, \\u{3164}",
        "D800, \\u{d800}",
        "DFFF, \\u{dfff}",
        "E000, \\u{e000}",
        "FE0F, \\u{fe0f}",
        "FEFF, \\u{feff}",
        "FFFF, \\u{ffff}",
        "E0041, \\u{e0041}",
        "10FFFF, \\u{10ffff}"
    })
    void whatATerminalObeysOrNobodySeesIsEscaped(String hex, String escaped) {
        String character = new String(new int[] {Integer.parseInt(hex, 16)}, 0, 1);
        assertEquals("a" + escaped + "b", Printable.name("a" + character + "b"));
        assertEquals(escaped, Printable.line(character));
    }

    @Test
    void whatIsLongIsCutAndItsLengthNamed() {
        assertEquals("a".repeat(64), Printable.name("a".repeat(64)));
        assertEquals("a".repeat(64) + "...(65 characters)", Printable.name("a".repeat(65)));
        assertEquals(
                "\uD83D\uDCBE".repeat(64) + "...(4,096 characters)",
                Printable.name("\uD83D\uDCBE".repeat(4096)));
        assertEquals("\uD83D\uDCBE".repeat(64), Printable.name("\uD83D\uDCBE".repeat(64)));
        assertEquals("\\n".repeat(64) + "...(100 characters)", Printable.name("\n".repeat(100)));
    }

    @Test
    void anExceptionWithoutAMessageIsNamedByItsType() {
        assertEquals("IllegalStateException", Printable.reason(new IllegalStateException()));
        assertEquals("IllegalStateException", Printable.reason(new IllegalStateException(" ")));
        assertEquals("a\\nb", Printable.reason(new IllegalStateException("a\nb")));
    }

    @Test
    void whateverComesIsOneBoundedPrintableLineAndTheSameWhenPrintedTwice() {
        SplittableRandom random = Seed.random(PrintableTest.class);
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            int length = random.nextInt(200);
            for (int i = 0; i < length; i++) {
                switch (random.nextInt(4)) {
                    case 0 -> text.append((char) random.nextInt(0x10000));
                    case 1 -> text.appendCodePoint(random.nextInt(0x110000));
                    default -> text.append((char) random.nextInt(0x100));
                }
            }
            String name = Printable.name(text);
            assertTrue(name.codePoints().allMatch(Printable::isPrintable), name);
            assertTrue(name.length() <= 64 * 10 + 30, name);
            String line = Printable.line(text);
            assertEquals(line, Printable.line(line));
        }
    }
}
