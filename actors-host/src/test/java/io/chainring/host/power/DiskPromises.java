package io.chainring.host.power;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What may stand in each cell of each image, by what was begun and reported until a moment: the last value that was
 * flushed, or any that was begun since.
 */
final class DiskPromises {
    private final Map<String, Image> images = new TreeMap<>();

    private static final int SECTOR_BYTES = 512;

    private static final class Image {
        boolean created;
        long cells;
        long cellsBegun;
        int flushes;

        /** Per cell, in the order of writing: the last durable value first, then what was begun since. */
        final Map<Long, List<Value>> values = new HashMap<>();

        List<Value> of(long cell) {
            return values.computeIfAbsent(
                    cell, each -> new ArrayList<>(List.of(new Value(0, true))));
        }

        /** What was reported as done is durable; of what is before it, nothing may be found any more. */
        void settle() {
            for (List<Value> each : values.values()) {
                int last = each.size() - 1;
                while (last > 0 && !each.get(last).done) {
                    last--;
                }
                each.subList(0, last).clear();
            }
        }
    }

    /** One content of a cell; a discard that a store does not do leaves what was there and the value not done. */
    private static final class Value {
        final long number;
        boolean done;

        Value(long number, boolean done) {
            this.number = number;
            this.done = done;
        }
    }

    void note(String line) {
        String[] words = line.strip().split(" ");
        Image image = images.computeIfAbsent(words[1], name -> new Image());
        boolean begins = words[0].equals("begin");
        long first = Long.parseLong(words[3]);
        long count = Long.parseLong(words[4]);
        String what = words[2].replace("-through", "");
        switch (what) {
            case "create", "grow" -> {
                image.cellsBegun = count;
                if (!begins) {
                    image.created = true;
                    image.cells = count;
                    image.settle();
                }
            }
            case "write", "zero", "discard" -> {
                long number = what.equals("write") ? Long.parseLong(words[5]) : 0;
                for (long cell = first; cell < first + count; cell++) {
                    List<Value> values = image.of(cell);
                    if (begins) {
                        values.add(new Value(number, false));
                    } else {
                        values.get(values.size() - 1).done = !what.equals("discard");
                    }
                }
            }
            case "flush" -> {
                if (!begins) {
                    image.settle();
                    image.flushes++;
                }
            }
            default -> throw new IllegalArgumentException(line);
        }
        if (!begins && words[2].endsWith("-through")) {
            image.settle();
        }
    }

    int flushes() {
        return images.values().stream().mapToInt(each -> each.flushes).sum();
    }

    /** What is wrong with the images of a folder. */
    List<String> wrongWith(Path folder) throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Map.Entry<String, Image> each : images.entrySet()) {
            Image image = each.getValue();
            Path file = folder.resolve(each.getKey());
            if (!Files.exists(file)) {
                if (image.created) {
                    wrong.add(each.getKey() + " is not there");
                }
                continue;
            }
            byte[] content = Files.readAllBytes(file);
            long cells = content.length / DiskChild.cellBytes(each.getKey());
            if (image.created && (cells < image.cells || cells > image.cellsBegun)) {
                wrong.add(each.getKey() + " has " + cells + " cells, not " + image.cells);
                continue;
            }
            for (long cell = 0; cell < cells && wrong.size() < 20; cell++) {
                check(each.getKey(), image, content, cell, wrong);
            }
        }
        return wrong;
    }

    private static void check(
            String name, Image image, byte[] content, long cell, List<String> wrong) {
        ByteBuffer bytes = ByteBuffer.wrap(content);
        int cellBytes = DiskChild.cellBytes(name);
        int at = (int) cell * cellBytes;
        List<Long> allowed = image.of(cell).stream().map(each -> each.number).toList();
        long before = bytes.getLong(at);
        for (int word = at; word < at + cellBytes; word += Long.BYTES) {
            long value = bytes.getLong(word);
            // A sector is old or new as a whole; a cell may lie in two.
            if (value != before && word % SECTOR_BYTES != 0) {
                wrong.add(name + ": cell " + cell + " is torn");
                return;
            }
            before = value;
            if (!allowed.contains(value)) {
                wrong.add(
                        "%s: cell %s holds %s, allowed are %s"
                                .formatted(name, cell, value, allowed));
                return;
            }
        }
    }
}
