package io.chainring.base.files;

import io.chainring.base.power.Recorder;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The recorded process: replaces a file many times, and notes what it was told. Arguments: file, times. */
public final class ReplacingChild {
    private ReplacingChild() {}

    /** The text that is written at one time, of another length and content each. */
    static String text(int time) {
        return (time + " ").repeat(1 + time * 37 % 900);
    }

    public static void main(String[] args) throws IOException {
        Path file = Path.of(args[0]);
        try (OutputStream notes = new FileOutputStream(System.getenv(Recorder.NOTES))) {
            for (int time = 1; time <= Integer.parseInt(args[1]); time++) {
                PrivateFiles.replace(file, text(time).getBytes(StandardCharsets.UTF_8));
                notes.write((time + "\n").getBytes(StandardCharsets.UTF_8));
            }
        }
    }
}
