package io.chainring.node.cli;

import io.chainring.node.service.RequestedDisk;
import io.chainring.node.text.SizeText;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** {@code NAME=PATH[,size=SIZE]}, the value of {@code --disk}. */
final class DiskOption {
    private static final String SIZE = ",size=";

    private DiskOption() {}

    /**
     * @throws IllegalArgumentException one line
     */
    static RequestedDisk parse(String text) {
        int equals = text.indexOf('=');
        if (equals < 1) {
            throw new IllegalArgumentException(
                    "'"
                            + text
                            + "': NAME=PATH[,size=SIZE] is expected, such as a=/srv/a.img,size=1G");
        }
        String name = text.substring(0, equals);
        String path = text.substring(equals + 1);
        long sizeBytes = 0;
        int size = path.lastIndexOf(SIZE);
        if (size >= 0) {
            sizeBytes = SizeText.parse(path.substring(size + SIZE.length()));
            path = path.substring(0, size);
        }
        if (path.isEmpty()) {
            throw new IllegalArgumentException("disk " + name + ": the path of its image is empty");
        }
        try {
            return new RequestedDisk(name, Path.of(path), sizeBytes);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(
                    "disk " + name + ": its path cannot be a path: " + e.getReason(), e);
        }
    }
}
