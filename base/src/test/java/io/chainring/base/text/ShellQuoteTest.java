package io.chainring.base.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ShellQuoteTest {
    @Test
    void plainWordsStayPlain() {
        assertEquals("/srv/a-b_c.img", ShellQuote.word("/srv/a-b_c.img"));
        assertEquals("127.0.0.1:10809", ShellQuote.word("127.0.0.1:10809"));
    }

    @Test
    void whatAShellReadsOtherwiseIsQuoted() {
        assertEquals("''", ShellQuote.word(""));
        assertEquals("'my disk'", ShellQuote.word("my disk"));
        assertEquals("'it'\\''s $HOME'", ShellQuote.word("it's $HOME"));
        assertEquals("'~'", ShellQuote.word("~"));
        assertEquals("'=ls'", ShellQuote.word("=ls"));
        assertEquals("'Größe'", ShellQuote.word("Größe"));
        assertEquals("$'a\\012\\033[1m\\'\\\\'", ShellQuote.word("a\n\u001b[1m'\\"));
    }

    /** Each word goes through bash and comes out as it was. */
    @Test
    @Tag("clients")
    void aShellHasTheWordByteByByte() throws Exception {
        SplittableRandom random = Seed.random(ShellQuoteTest.class);
        List<String> words =
                new ArrayList<>(
                        List.of(
                                "", "a", "'", "''", "\\", "$(id)", "`id`", "!x", "*", "~", "a\nb",
                                "\n", "-n"));
        for (int round = 0; round < 300; round++) {
            StringBuilder word = new StringBuilder();
            int length = 1 + random.nextInt(12);
            for (int i = 0; i < length; i++) {
                int codePoint =
                        random.nextBoolean()
                                ? "'\"\\$`!*?[]{}()<>|&;#~ \n\t=%a0".codePointAt(random.nextInt(28))
                                : 1 + random.nextInt(0xD7FF);
                word.appendCodePoint(codePoint);
            }
            words.add(word.toString());
        }
        StringBuilder script = new StringBuilder("printf '%s\\0' ");
        StringBuilder expected = new StringBuilder();
        for (String word : words) {
            script.append(ShellQuote.word(word)).append(' ');
            expected.append(word).append('\0');
        }
        assertEquals(expected.toString(), bash(script.toString()));
    }

    private static String bash(String script) throws Exception {
        Process bash = new ProcessBuilder("timeout", "30", "bash", "--norc", "-s").start();
        try (var in = bash.getOutputStream()) {
            in.write(script.getBytes(StandardCharsets.UTF_8));
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        bash.getInputStream().transferTo(out);
        assertTrue(bash.waitFor(40, TimeUnit.SECONDS));
        assertEquals(0, bash.exitValue());
        return out.toString(StandardCharsets.UTF_8);
    }
}
