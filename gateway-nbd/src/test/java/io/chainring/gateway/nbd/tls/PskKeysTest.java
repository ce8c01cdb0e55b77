package io.chainring.gateway.nbd.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files of psktool, and what is wrong in them. */
class PskKeysTest {
    private static final String HEX = "00112233445566778899AABBCCDDEEFF";

    @TempDir Path folder;

    private PskKeys read(String text, String mode) throws IOException {
        Path file = Files.writeString(folder.resolve("keys.psk"), text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
        return PskKeys.read(file);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void eachNameHasItsKeyAndAStrangerOneThatNobodyHas() throws IOException {
        PskKeys keys =
                read("alice:" + HEX + "\n\nb\u00f6b:" + HEX.toLowerCase() + "00\r\n", "rw-r-----");
        assertEquals("alice", keys.name(bytes("alice")));
        assertEquals("b\u00f6b", keys.name(bytes("b\u00f6b")));
        assertEquals(16, keys.key(bytes("alice")).length);
        assertEquals(17, keys.key(bytes("b\u00f6b")).length);
        assertNull(keys.name(bytes("Alice")));
        assertNull(keys.name(new byte[] {(byte) 0xff}));
        assertNull(keys.name(new byte[0]));
        assertEquals(32, keys.key(bytes("Alice")).length);
        assertArrayEquals(keys.key(bytes("x")), keys.key(bytes("y")));
        assertFalse(
                java.util.Arrays.equals(
                        keys.key(bytes("x")), read("a:" + HEX, "rw-------").key(bytes("x"))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''            | must hold keys",
                "alice         | line 1: NAME:HEX",
                ":KEY          | line 1: NAME:HEX",
                "#616c:KEY     | line 1: NAME:HEX",
                "alice:        | line 1: a key of 16 to 64 bytes",
                "alice:KEYx    | line 1: a key of 16 to 64 bytes",
                "alice:0011    | line 1: a key of 16 to 64 bytes",
                "alice:KEYKEYKEYKEYKEY | line 1: a key of 16 to 64 bytes",
                "a:KEY~a:KEY   | line 2: that name has a key already",
            })
    void whatIsWrongIsNamedWithoutTheKey(String text, String problem) {
        String message =
                assertThrows(
                                IllegalArgumentException.class,
                                () ->
                                        read(
                                                text.replace("KEY", HEX).replace('~', '\n'),
                                                "rw-------"))
                        .getMessage();
        assertTrue(
                message.startsWith("chainring.nbd.tls.psk-file = ") && message.contains(problem),
                message);
        assertFalse(message.contains("0011"), message);
    }

    @Test
    void aFileThatOthersReadIsRefused() {
        String message =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> read("alice:" + HEX, "rw-r--r--"))
                        .getMessage();
        assertTrue(message.contains("chmod g-w,o-rwx"), message);
    }
}
