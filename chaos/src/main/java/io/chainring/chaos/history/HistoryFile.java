package io.chainring.chaos.history;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.SerializedString;
import io.chainring.chaos.history.HistoryEvent.Call;
import io.chainring.chaos.history.HistoryEvent.Done;
import io.chainring.chaos.history.HistoryEvent.PowerLoss;
import io.chainring.chaos.history.HistoryEvent.Unknown;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * A history in a file, one JSON object a line, in the order of the events. Read as it is gone through, each time anew.
 *
 * <pre>
 * {"format":1,"cellBytes":512}
 * {"t":10,"call":1,"client":0,"disk":0,"do":"write","cell":8,"cells":2,"value":1}
 * {"t":31,"done":1}
 * {"t":40,"call":2,"client":0,"disk":0,"do":"read","cell":8,"cells":1}
 * {"t":52,"done":2,"found":[1]}
 * {"t":60,"unknown":3}
 * {"t":70,"powerLoss":0}
 * </pre>
 */
public final class HistoryFile implements Iterable<HistoryEvent> {
    private static final int FORMAT = 1;
    private static final int LINE_CHARACTERS_MOST = 1 << 20;
    private static final int CELLS_MOST = 1 << 16;
    private static final JsonFactory JSON = new JsonFactory();

    private final Path path;

    /** The file of that name, which is opened when somebody goes through it. */
    public HistoryFile(Path path) {
        this.path = path;
    }

    /** Events as they come; for one thread. */
    public static final class Output implements AutoCloseable {
        private final JsonGenerator json;

        private Output(Writer writer, int cellBytes) throws IOException {
            json = JSON.createGenerator(writer);
            json.setRootValueSeparator(new SerializedString("\n"));
            json.writeStartObject();
            json.writeNumberField("format", FORMAT);
            json.writeNumberField("cellBytes", cellBytes);
            json.writeEndObject();
        }

        /** Writes an event; on disk when {@link #close} has returned. */
        public void write(HistoryEvent event) throws IOException {
            json.writeStartObject();
            json.writeNumberField("t", event.atNanos());
            if (event instanceof Call call) {
                json.writeNumberField("call", call.operation());
                json.writeNumberField("client", call.client());
                json.writeNumberField("disk", call.disk());
                json.writeStringField("do", word(call.action()));
                json.writeNumberField("cell", call.firstCell());
                json.writeNumberField("cells", call.cells());
                if (call.value() != HistoryEvent.ZEROES) {
                    json.writeNumberField("value", call.value());
                }
            } else if (event instanceof Done done) {
                json.writeNumberField("done", done.operation());
                long[] values = done.values();
                if (values != null) {
                    json.writeFieldName("found");
                    json.writeArray(values, 0, values.length);
                }
            } else if (event instanceof Unknown unknown) {
                json.writeNumberField("unknown", unknown.operation());
            } else if (event instanceof PowerLoss loss) {
                json.writeNumberField("powerLoss", loss.disk());
            }
            json.writeEndObject();
        }

        @Override
        public void close() throws IOException {
            json.writeRaw('\n');
            json.close();
        }
    }

    /**
     * Makes a file.
     *
     * @param cellBytes length of the disks' cells
     */
    public static Output create(Path path, int cellBytes) throws IOException {
        return new Output(Files.newBufferedWriter(path, StandardCharsets.UTF_8), cellBytes);
    }

    private static String word(Action action) {
        return action.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * The events.
     *
     * @throws UncheckedIOException when the file cannot be read, or a line is none; the message names it
     */
    @Override
    public Iterator<HistoryEvent> iterator() {
        return new Lines();
    }

    private final class Lines implements Iterator<HistoryEvent> {
        private final BufferedReader reader;
        private long number;
        private @Nullable HistoryEvent next;

        Lines() {
            try {
                reader = Files.newBufferedReader(path, StandardCharsets.UTF_8);
                String header = line();
                if (header == null || !header.startsWith("{\"format\":" + FORMAT + ",")) {
                    throw new IOException(path + " is no history of format " + FORMAT);
                }
                next = read();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public HistoryEvent next() {
            HistoryEvent event = next;
            if (event == null) {
                throw new NoSuchElementException();
            }
            try {
                next = read();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return event;
        }

        private @Nullable String line() throws IOException {
            number++;
            String line = reader.readLine();
            if (line != null && line.length() > LINE_CHARACTERS_MOST) {
                throw new IOException(path + " line " + number + " is too long");
            }
            return line;
        }

        private @Nullable HistoryEvent read() throws IOException {
            String line = line();
            if (line == null) {
                reader.close();
                return null;
            }
            try (JsonParser parser = JSON.createParser(line)) {
                return new Fields(parser).event();
            } catch (IOException | IllegalArgumentException e) {
                reader.close();
                throw new IOException(path + " line " + number + ": " + e.getMessage(), e);
            }
        }
    }

    /** What stands in one line. */
    private static final class Fields {
        private long atNanos;
        private @Nullable Long call;
        private @Nullable Long done;
        private @Nullable Long unknown;
        private @Nullable Integer powerLoss;
        private int client;
        private int disk;
        private @Nullable Action action;
        private long cell;
        private int cells;
        private long value;
        private long @Nullable [] found;

        Fields(JsonParser parser) throws IOException {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("no object");
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                switch (name) {
                    case "t" -> atNanos = parser.getLongValue();
                    case "call" -> call = parser.getLongValue();
                    case "done" -> done = parser.getLongValue();
                    case "unknown" -> unknown = parser.getLongValue();
                    case "powerLoss" -> powerLoss = parser.getIntValue();
                    case "client" -> client = parser.getIntValue();
                    case "disk" -> disk = parser.getIntValue();
                    case "do" -> action = action(parser.getText());
                    case "cell" -> cell = parser.getLongValue();
                    case "cells" -> cells = parser.getIntValue();
                    case "value" -> value = parser.getLongValue();
                    case "found" -> found = values(parser);
                    default -> throw new IllegalArgumentException("unknown field '" + name + "'");
                }
            }
        }

        private static Action action(String word) {
            return Arrays.stream(Action.values())
                    .filter(each -> word(each).equals(word))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("nothing is called " + word));
        }

        private static long[] values(JsonParser parser) throws IOException {
            if (parser.currentToken() != JsonToken.START_ARRAY) {
                throw new IllegalArgumentException("'found' is no list");
            }
            long[] values = new long[16];
            int count = 0;
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                if (count == CELLS_MOST) {
                    throw new IllegalArgumentException("more than " + CELLS_MOST + " cells");
                }
                if (count == values.length) {
                    values = Arrays.copyOf(values, 2 * count);
                }
                values[count++] = parser.getLongValue();
            }
            return Arrays.copyOf(values, count);
        }

        HistoryEvent event() {
            if (call != null && action != null) {
                if (cells > CELLS_MOST || disk < 0) {
                    throw new IllegalArgumentException(cells + " cells of disk " + disk);
                }
                return new Call(atNanos, client, call, disk, action, cell, cells, value);
            }
            if (done != null) {
                return new Done(atNanos, done, found);
            }
            if (unknown != null) {
                return new Unknown(atNanos, unknown);
            }
            if (powerLoss != null) {
                return new PowerLoss(atNanos, powerLoss);
            }
            throw new IllegalArgumentException("no event");
        }
    }
}
