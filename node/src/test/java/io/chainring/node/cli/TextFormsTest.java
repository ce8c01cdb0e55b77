package io.chainring.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.node.StartException;
import io.chainring.node.control.DiskEntry;
import io.chainring.node.service.RequestedDisk;
import io.chainring.node.text.SizeText;
import io.chainring.node.text.Table;
import io.chainring.node.text.TimeText;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sizes, times and disks as people write them. */
class TextFormsTest {

    @ParameterizedTest
    @CsvSource({
        "1,1",
        "512,512",
        "4k,4096",
        "4K,4096",
        "20M,20971520",
        "1G,1073741824",
        "2t,2199023255552"
    })
    void sizes(String text, long bytes) {
        assertEquals(bytes, SizeText.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "K",
                "-1",
                "1.5G",
                "1GB",
                "1 G",
                "0",
                "0K",
                "99999999999999999999",
                "9999999999T"
            })
    void noSizes(String text) {
        String message =
                assertThrows(IllegalArgumentException.class, () -> SizeText.parse(text))
                        .getMessage();
        assertTrue(message.contains("'" + text + "'"), message);
    }

    @ParameterizedTest
    @CsvSource({
        "511,511 B",
        "1024,1 KiB",
        "1536,1.5 KiB",
        "1500,1500 B",
        "10485761,10485761 B",
        "1073741824,1 GiB",
        "1649267441664,1.5 TiB"
    })
    void sizesForPeople(long bytes, String text) {
        assertEquals(text, SizeText.format(bytes));
    }

    @ParameterizedTest
    @CsvSource({"1ms,1", "100ms,100", "20s,20000", "5m,300000", "24h,86400000"})
    void times(String text, long millis) throws Exception {
        assertEquals(
                Duration.ofMillis(millis), TimeText.parse("--for", text, Duration.ofMillis(1)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "ms", "-1s", "0ms", "25h", "1.5s", "9999999999s"})
    void noTimes(String text) {
        StartException e =
                assertThrows(
                        StartException.class,
                        () -> TimeText.parse("--for", text, Duration.ofMillis(1)));
        assertTrue(
                String.valueOf(e.getMessage()).startsWith("--for '" + text + "'"), e::getMessage);
    }

    @Test
    void disks() {
        assertEquals(
                new RequestedDisk("a", Path.of("/x/y.img"), 0), DiskOption.parse("a=/x/y.img"));
        assertEquals(
                new RequestedDisk("a", Path.of("/x=1,b/y.img"), 1 << 20),
                DiskOption.parse("a=/x=1,b/y.img,size=1M"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "=x",
                "a=",
                "a=,size=1G",
                "a b=x",
                "-a=x",
                ".=x",
                "a=x,size=",
                "a=x\0y"
            })
    void noDisks(String text) {
        assertThrows(IllegalArgumentException.class, () -> DiskOption.parse(text));
    }

    @Test
    void tablesAreAsWideAsTheirCells() {
        Table table = new Table();
        table.row("DISK", "N");
        table.row("a", 12345);
        assertEquals("DISK      N\na     12345\n", table.text());
    }

    @Test
    void disksForPeople() {
        DiskEntry inserted =
                new DiskEntry(
                        "a",
                        "u-1",
                        "vdc",
                        2,
                        "CV...",
                        3,
                        "inserted",
                        null,
                        "serving",
                        1,
                        0,
                        "/srv/a.img",
                        1 << 20,
                        0);
        DiskEntry free =
                new DiskEntry(
                        "b",
                        "u-2",
                        null,
                        null,
                        null,
                        1,
                        "free",
                        "vdd",
                        "",
                        0,
                        0,
                        "/srv/b.img",
                        512,
                        0);
        assertEquals(
                "a: inserted as vdc (generation 3), identifier CV..., 1 MiB, /srv/a.img, uuid u-1",
                DiskAnswer.line(inserted));
        assertEquals("b: free, had vdd, 512 B, /srv/b.img, uuid u-2", DiskAnswer.line(free));
        List<String> lines =
                DiskAnswer.table(List.of(inserted, free))
                        .lines()
                        .map(line -> line.replaceAll("\\s+", " "))
                        .toList();
        assertEquals("a vdc inserted serving 1 3 CV... 1 MiB u-1 /srv/a.img", lines.get(1));
        assertEquals("b - free - 0 1 - 512 B u-2 /srv/b.img", lines.get(2));
    }
}
