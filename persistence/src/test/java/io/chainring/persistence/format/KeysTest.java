package io.chainring.persistence.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Keys and numbers that nobody can have written are refused by name. */
final class KeysTest {
    private static final RecordWriter WRITER = new RecordWriter();

    @Test
    void aKeyThatIsCutOffIsRefused() {
        byte[] key = Keys.event(7, 901);
        assertEquals(901, Keys.longAt(key, 9));
        for (int length = 1; length < key.length; length++) {
            byte[] cut = Arrays.copyOf(key, length);
            assertThrows(FormatException.class, () -> Keys.longAt(cut, 9));
        }
    }

    @Test
    void aSequenceNumberThatWasNeverGivenIsRefused() {
        for (long number : new long[] {0, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
            byte[] key = Keys.event(7, number);
            assertThrows(FormatException.class, () -> Keys.positionAt(key, 9));
        }
        assertEquals(1, Keys.positionAt(Keys.event(7, 1), 9));
    }

    @Test
    void aNumberThatWasNeverGivenIsRefused() {
        byte[] key = Keys.name("disk-vdc");
        for (long number : new long[] {0, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
            byte[] record = Records.name(WRITER, key, number);
            assertThrows(FormatException.class, () -> Records.number(key, record));
        }
        assertEquals(7, Records.number(key, Records.name(WRITER, key, 7)));
    }

    /** A purge that would begin before the first event, and a highest number that has no next. */
    @Test
    void countersThatNoEventsCanHaveAreRefused() {
        byte[] key = Keys.counter(7);
        for (CounterRecord counter :
                new CounterRecord[] {
                    new CounterRecord(10, 5, -1, 0, false),
                    new CounterRecord(10, -5, -6, 0, false),
                    new CounterRecord(-1, -1, -1, 0, false),
                    new CounterRecord(Long.MAX_VALUE, 5, 5, 0, false)
                }) {
            byte[] record = counter.encode(WRITER, key);
            assertThrows(FormatException.class, () -> CounterRecord.decode(key, record));
        }
    }
}
