package io.chainring.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What udev does with the rule: it asks the helper, remembers the name that it prints, keeps the one that it remembers
 * when the helper fails, and makes a link of it. A real one tries the rule itself in checks/guest.sh.
 */
final class Udev {
    private final Guest guest;

    /** Device to name: CHAINRING_NAME in udev's database. */
    private final Map<String, String> names = new TreeMap<>();

    Udev(Guest guest) throws IOException {
        this.guest = guest;
        Files.createFile(guest.folders("udev").resolve("control"));
    }

    /** An event of a device that is there. */
    Guest.Answer event(String device) throws Exception {
        Guest.Answer answer = guest.run("udev", device);
        take(device, answer);
        return answer;
    }

    private void take(String device, Guest.Answer answer) throws IOException {
        if (answer.code() == 0) {
            names.put(device, answer.output().strip());
        }
        links();
    }

    /** The event of a device that has gone. */
    Guest.Answer removed(String device) throws Exception {
        names.remove(device);
        links();
        return guest.run("remove", device);
    }

    /** Handles the events that the helper asked for, until there are none; how many there were. */
    int events() throws Exception {
        int handled = 0;
        for (String asked = asked(); asked != null; asked = asked()) {
            Files.writeString(uevent(asked), "");
            event(asked);
            handled++;
        }
        return handled;
    }

    private @Nullable String asked() throws IOException {
        try (var all = Files.list(guest.root.resolve("sys/class/block"))) {
            for (Path each : all.sorted().toList()) {
                if (Files.readString(each.resolve("uevent")).equals("change")) {
                    return each.getFileName().toString();
                }
            }
        }
        return null;
    }

    private Path uevent(String device) {
        return guest.root.resolve("sys/class/block").resolve(device).resolve("uevent");
    }

    private void links() throws IOException {
        Path folder = guest.folders("dev/chainring");
        Guest.delete(folder);
        guest.folders("dev/chainring");
        for (var each : names.entrySet()) {
            Path link = folder.resolve(each.getValue());
            if (!each.getValue().isEmpty()) {
                Files.deleteIfExists(link);
                Files.createSymbolicLink(link, Path.of("../" + each.getKey()));
            }
        }
    }
}
