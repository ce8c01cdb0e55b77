package io.chainring.gateway.nbd.access;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import io.chainring.base.settings.Settings;
import io.chainring.base.text.ShellQuote;
import io.chainring.gateway.nbd.access.AccessRules.Rule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Reads a file of rules, in HOCON:
 *
 * <pre>
 *   rules = [
 *     { clients = ["cn:alice"], exports = ["alice-*"], access = read-write }
 *     { clients = ["dns:*.backup.example.org", "cn:auditor"], exports = ["*"], access = read-only }
 *   ]
 * </pre>
 *
 * Whatever is wrong is said in one line that names the file and the rule, and nothing of the file is used.
 */
public final class AccessFile {
    private static final int MOST_BYTES = 1 << 20;
    private static final int MOST_RULES = 4096;
    private static final Set<String> KEYS = Set.of("clients", "exports", "access");

    private AccessFile() {}

    /**
     * @throws IllegalArgumentException when the file cannot be read, may be written by everybody, or is malformed
     */
    public static AccessRules read(Path file) {
        try {
            refuseWritableByOthers(file);
            return parse(text(file), "chainring.nbd.access.rules = " + file);
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "chainring.nbd.access.rules = "
                            + file
                            + " cannot be read: give the path of a file of rules",
                    e);
        }
    }

    private static void refuseWritableByOthers(Path file) throws IOException {
        PosixFileAttributeView view =
                Files.getFileAttributeView(file, PosixFileAttributeView.class);
        if (view != null
                && view.readAttributes().permissions().contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new IllegalArgumentException(
                    "chainring.nbd.access.rules = %s may be written by everybody: chmod o-w %s"
                            .formatted(file, ShellQuote.word(file.toString())));
        }
    }

    private static String text(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw new IllegalArgumentException(
                        "chainring.nbd.access.rules = %s has more than %s bytes"
                                .formatted(file, MOST_BYTES));
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /**
     * @param name how messages call the text
     */
    static AccessRules parse(String text, String name) {
        try {
            Config whole =
                    ConfigFactory.parseString(
                            text, ConfigParseOptions.defaults().setOriginDescription("rules"));
            if (!whole.root().keySet().equals(Set.of("rules"))) {
                throw new IllegalArgumentException(
                        name
                                + ": one list is expected, rules = [ { clients = ..., exports = ..., access = ... } ]");
            }
            List<? extends Config> entries = whole.getConfigList("rules");
            if (entries.size() > MOST_RULES) {
                throw new IllegalArgumentException(name + ": more than " + MOST_RULES + " rules");
            }
            List<Rule> rules = new ArrayList<>();
            for (int i = 0; i < entries.size(); i++) {
                rules.add(rule(entries.get(i), name + ": rule " + (i + 1)));
            }
            return new AccessRules(rules);
        } catch (ConfigException e) {
            throw new IllegalArgumentException(
                    name + ": " + String.valueOf(e.getMessage()).replaceAll("\\s+", " "), e);
        }
    }

    private static Rule rule(Config entry, String name) {
        Set<String> keys = entry.root().keySet();
        if (!keys.equals(KEYS)) {
            throw new IllegalArgumentException(
                    name + ": has " + keys + ", expected are clients, exports and access");
        }
        Settings settings = Settings.of(entry, name);
        List<ClientPattern> clients = settings.allParsed("clients", ClientPattern::parse);
        List<NamePattern> exports = settings.allParsed("exports", AccessFile::exportPattern);
        Grant grant = settings.choice("access", Grant.class);
        if (grant == Grant.NONE) {
            throw settings.refused(
                    "access",
                    "none",
                    "one of read-only, read-write; what no rule grants is refused");
        }
        return new Rule(clients, exports, grant);
    }

    private static NamePattern exportPattern(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException(
                    "an export is the name of a disk, with * for any characters");
        }
        return new NamePattern(text);
    }
}
