package io.chainring.persistence.engine;

import io.chainring.base.power.Recorder;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The recorded process: tables of the Java library whose sizes are corrected. Argument: directory. */
public final class CorrectingChild {
    private CorrectingChild() {}

    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[0]);
        try (OutputStream notes = new FileOutputStream(System.getenv(Recorder.NOTES));
                Engine engine =
                        Engines.open(
                                Engines.Kind.IQ80,
                                directory,
                                new EngineOptions(128 << 10, 1 << 20, true, true))) {
            for (int i = 0; i < 1000; i++) {
                engine.put(new byte[] {1, (byte) (i >> 8), (byte) i}, new byte[300], false);
            }
            engine.compact(new byte[] {1}, new byte[] {2});
            engine.close();
            Path manifest =
                    directory.resolve(Files.readString(directory.resolve("CURRENT")).strip());
            int corrected = ManifestSizes.correct(directory, manifest);
            notes.write((corrected + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }
}
