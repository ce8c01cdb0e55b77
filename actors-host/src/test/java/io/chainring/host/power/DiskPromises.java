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
 * What may stand in each sector of each image, by what was begun and reported until a moment: the last value that was
 * flushed, or any that was begun since.
 */
final class DiskPromises {
    private final Map<String, Image> images = new TreeMap<>();

    private static final class Image {
        boolean created;
        long sectors;
        long sectorsBegun;
        int flushes;

        /** Per sector, in the order of writing: the last durable value first, then what was begun since. */
        final Map<Long, List<Value>> values = new HashMap<>();

        List<Value> of(long sector) {
            return values.computeIfAbsent(
                    sector, each -> new ArrayList<>(List.of(new Value(0, true))));
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

    /** One content of a sector; a discard that a store does not do leaves what was there and the value not done. */
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
                image.sectorsBegun = count;
                if (!begins) {
                    image.created = true;
                    image.sectors = count;
                    image.settle();
                }
            }
            case "write", "zero", "discard" -> {
                long number = what.equals("write") ? Long.parseLong(words[5]) : 0;
                for (long sector = first; sector < first + count; sector++) {
                    List<Value> values = image.of(sector);
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
            long sectors = content.length / DiskChild.SECTOR_BYTES;
            if (image.created && (sectors < image.sectors || sectors > image.sectorsBegun)) {
                wrong.add(each.getKey() + " has " + sectors + " sectors, not " + image.sectors);
                continue;
            }
            for (long sector = 0; sector < sectors && wrong.size() < 20; sector++) {
                check(each.getKey(), image, content, sector, wrong);
            }
        }
        return wrong;
    }

    private static void check(
            String name, Image image, byte[] content, long sector, List<String> wrong) {
        ByteBuffer bytes = ByteBuffer.wrap(content);
        int at = (int) sector * DiskChild.SECTOR_BYTES;
        long value = bytes.getLong(at);
        for (int word = 0; word < DiskChild.SECTOR_BYTES; word += Long.BYTES) {
            if (bytes.getLong(at + word) != value) {
                wrong.add(name + ": sector " + sector + " is torn");
                return;
            }
        }
        List<Long> allowed = image.of(sector).stream().map(each -> each.number).toList();
        if (!allowed.contains(value)) {
            wrong.add(
                    "%s: sector %s holds %s, allowed are %s"
                            .formatted(name, sector, value, allowed));
        }
    }
}
