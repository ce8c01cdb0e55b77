package io.chainring.chaos.history;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.chaos.history.HistoryEvent.Call;
import io.chainring.chaos.history.HistoryEvent.Done;
import io.chainring.chaos.history.HistoryEvent.PowerLoss;
import io.chainring.chaos.history.HistoryEvent.Unknown;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written is what is read, by us and by others. */
final class HistoryFileTest {
    private static final String HEADER = "{\"format\":1,\"cellBytes\":512}\n";

    @TempDir Path folder;

    private static List<HistoryEvent> each() {
        return List.of(
                new Call(1, 0, 1, 2, Action.WRITE, 8, 2, 7),
                new Call(2, 1, 2, 2, Action.READ, 9, 1, 0),
                new Call(3, 1, 3, 0, Action.FLUSH, 0, 0, 0),
                new Call(4, 3, 4, 0, Action.WRITE_THROUGH, 1L << 40, 1, 9),
                new Call(5, 3, 5, 0, Action.TRIM, 0, 1, 0),
                new Call(6, 3, 6, 0, Action.ZERO, 0, 1, 0),
                new Done(7, 1, null),
                new Done(8, 2, new long[] {7}),
                new Done(9, 5, null),
                new Unknown(10, 4));
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        Path file = folder.resolve("history.jsonl");
        List<HistoryEvent> events = new ArrayList<>(each());
        events.add(new PowerLoss(11, 2));
        try (HistoryFile.Output output = HistoryFile.create(file, 512)) {
            for (HistoryEvent event : events) {
                output.write(event);
            }
        }
        assertEquals(events.size() + 1, Files.readAllLines(file).size());
        HistoryFile history = new HistoryFile(file);
        for (int pass = 0; pass < 2; pass++) {
            List<HistoryEvent> read = new ArrayList<>();
            history.forEach(read::add);
            assertEquals(events.size(), read.size());
            for (int i = 0; i < read.size(); i++) {
                if (read.get(i) instanceof Done done && done.values() != null) {
                    assertArrayEquals(((Done) events.get(i)).values(), done.values());
                } else {
                    assertEquals(events.get(i), read.get(i));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{\"t\":1}",
                "{\"t\":1,\"call\":1,\"do\":\"dance\",\"cell\":0,\"cells\":1}",
                "{\"t\":1,\"call\":1,\"do\":\"read\",\"cell\":-1,\"cells\":1}",
                "{\"t\":1,\"call\":1,\"do\":\"write\",\"cell\":0,\"cells\":1}",
                "{\"t\":1,\"call\":1,\"do\":\"read\",\"cell\":0,\"cells\":2000000}",
                "{\"t\":1,\"done\":1,\"found\":7}",
                "{\"t\":1,\"done\":1,\"found\":[7",
                "{\"t\":1,\"done\":1e30}",
                "{\"t\":1,\"powerLoss\":5000000000}",
                "{\"t\":1,\"done\":1,\"colour\":7}"
            })
    void whatIsNoEventIsNamed(String line) throws IOException {
        Path file = folder.resolve("history.jsonl");
        Files.writeString(file, HEADER + "{\"t\":1,\"unknown\":1}\n" + line + "\n");
        HistoryFile history = new HistoryFile(file);
        UncheckedIOException failure =
                assertThrows(UncheckedIOException.class, () -> history.forEach(event -> {}));
        assertTrue(failure.getMessage().contains(file + " line 3"), failure::getMessage);
        Files.writeString(file, line + "\n");
        assertThrows(UncheckedIOException.class, history::iterator);
    }

    @Test
    void othersReadRegisters() throws IOException {
        StringBuilder edn = new StringBuilder();
        JepsenEdn.write(each(), edn);
        assertEquals(
                """
                {:index 0, :type :invoke, :process 1, :f :write, :value [[2 8] 7], :time 1}
                {:index 1, :type :invoke, :process 1, :f :write, :value [[2 9] 7], :time 1}
                {:index 2, :type :invoke, :process 2, :f :read, :value [[2 9] nil], :time 2}
                {:index 3, :type :invoke, :process 4, :f :write, :value [[0 1099511627776] 9], :time 4}
                {:index 4, :type :invoke, :process 5, :f :write, :value [[0 0] 0], :time 5}
                {:index 5, :type :invoke, :process 6, :f :write, :value [[0 0] 0], :time 6}
                {:index 6, :type :ok, :process 1, :f :write, :value [[2 8] 7], :time 7}
                {:index 7, :type :ok, :process 1, :f :write, :value [[2 9] 7], :time 7}
                {:index 8, :type :ok, :process 2, :f :read, :value [[2 9] 7], :time 8}
                {:index 9, :type :info, :process 5, :f :write, :value [[0 0] 0], :time 9}
                {:index 10, :type :info, :process 4, :f :write, :value [[0 1099511627776] 9], :time 10}
                """,
                edn.toString());
        assertThrows(
                IllegalArgumentException.class,
                () -> JepsenEdn.write(List.of(new PowerLoss(1, 0)), new StringBuilder()));
    }
}
