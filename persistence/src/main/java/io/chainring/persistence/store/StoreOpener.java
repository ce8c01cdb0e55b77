package io.chainring.persistence.store;

import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineException;
import io.chainring.persistence.engine.Engines;
import io.chainring.persistence.format.AcknowledgementMark;
import io.chainring.persistence.format.CounterRecord;
import io.chainring.persistence.format.FormatException;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.format.RecordWriter;
import io.chainring.persistence.format.Records;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Opens a database and checks that it is ours, of a known format, and not shorter than what was acknowledged. */
final class StoreOpener {
    private static final String WAY_OUT = "; stop the node and run: chainring journal repair ";

    private StoreOpener() {}

    static Engine open(StoreSettings settings) {
        Path directory = settings.directory();
        Engine engine;
        try {
            engine =
                    Engines.open(
                            Engines.choose(settings.engine()), directory, settings.engineOptions());
        } catch (EngineException e) {
            throw explain(directory, e);
        }
        try {
            checkFormat(directory, engine);
            return engine;
        } catch (FormatException e) {
            engine.close();
            throw new StoreException.Damaged(directory, e.getMessage() + WAY_OUT + directory, e);
        } catch (RuntimeException e) {
            engine.close();
            throw e;
        }
    }

    /** Compares the mark with the database. */
    static void checkMark(Path directory, Engine engine, AcknowledgementMark mark) {
        AcknowledgementMark.Position last = mark.read();
        if (last == null || engine.get(Keys.event(last.number(), last.sequenceNr())) != null) {
            return;
        }
        byte[] key = Keys.counter(last.number());
        byte[] counter = engine.get(key);
        if (counter == null || CounterRecord.decode(key, counter).highest() < last.sequenceNr()) {
            throw new StoreException.Damaged(
                    directory,
                    "acknowledged events are missing: the end of the log is lost (event "
                            + last.sequenceNr()
                            + " of number "
                            + last.number()
                            + " was acknowledged and is not there)"
                            + WAY_OUT
                            + directory,
                    null);
        }
    }

    private static void checkFormat(Path directory, Engine engine) {
        byte[] key = Keys.meta(Records.FORMAT);
        byte[] format = engine.get(key);
        if (format == null) {
            AtomicBoolean foreign = new AtomicBoolean();
            engine.scan(
                    new byte[0],
                    new byte[] {(byte) 0xFF},
                    (k, v) -> {
                        foreign.set(true);
                        return false;
                    });
            if (foreign.get()) {
                throw new StoreException.Damaged(
                        directory,
                        "is a LevelDB database but not a Chainring journal (a stock Pekko journal? then: chainring journal import)",
                        null);
            }
            byte[] value = Records.meta(new RecordWriter(), key, Records.FORMAT_VERSION);
            engine.write(List.of(Engine.Change.put(key, value)), true);
        } else if (Records.value(key, format) != Records.FORMAT_VERSION) {
            throw new StoreException.Damaged(
                    directory,
                    "has format version "
                            + Records.value(key, format)
                            + ", this program knows "
                            + Records.FORMAT_VERSION
                            + "; use the program that wrote it",
                    null);
        }
    }

    private static RuntimeException explain(Path directory, EngineException error) {
        String words = String.valueOf(error.getMessage()).toLowerCase(Locale.ROOT);
        if (locked(words, error.getCause())) {
            return new StoreException.Locked(directory, error);
        }
        if (words.contains("corrupt") || words.contains("checksum") || words.contains("missing")) {
            return new StoreException.Damaged(
                    directory, error.getMessage() + WAY_OUT + directory, error);
        }
        return new StoreException.Unavailable(
                directory, "cannot be opened: " + error.getMessage(), error);
    }

    private static boolean locked(String words, @Nullable Throwable cause) {
        return cause instanceof OverlappingFileLockException
                || (words.contains("lock")
                        && (words.contains("unable to acquire")
                                || words.contains("temporarily unavailable")
                                || words.contains("already held")));
    }
}
