package io.chainring.base.files;

import java.io.ByteArrayOutputStream;
import java.nio.file.Path;

/** A path as system calls take it. */
public final class SystemPath {
    private SystemPath() {}

    /** Its absolute form in the system's own bytes, with a zero at the end. The URI of a path carries them unchanged. */
    public static byte[] bytes(Path path) {
        String raw = path.toAbsolutePath().toUri().getRawPath();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(raw.length() + 1);
        for (int i = 0; i < raw.length(); i++) {
            if (raw.charAt(i) == '%') {
                bytes.write(Integer.parseInt(raw, i + 1, i + 3, 16));
                i += 2;
            } else {
                bytes.write(raw.charAt(i));
            }
        }
        bytes.write(0);
        return bytes.toByteArray();
    }
}
