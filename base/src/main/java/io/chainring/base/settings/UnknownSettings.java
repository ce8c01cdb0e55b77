package io.chainring.base.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;

/**
 * Settings that nobody reads: names that no {@code reference.conf} has, most of them misspelt. The first is refused:
 *
 * <pre>
 *   chainring.node.lops: there is no such setting, but loops (node.conf: 3)
 * </pre>
 *
 * A block that Pekko reads as well, one with a {@code class} or an {@code executor}, may have names that only Pekko knows.
 */
public final class UnknownSettings {
    private UnknownSettings() {}

    /**
     * Refuses what the {@code reference.conf} of no module has.
     *
     * @param whole a configuration, not only the part below the path
     * @param path where the settings stand; below a path that no {@code reference.conf} has everything is allowed
     * @throws InvalidSettingException that says where it is set
     */
    public static void refuse(Config whole, String path) {
        Config reference = ConfigFactory.defaultReferenceUnresolved();
        if (whole.hasPath(path) && reference.hasPath(path)) {
            refuse(whole.getObject(path), reference.getObject(path), path);
        }
    }

    static void refuse(ConfigObject given, ConfigObject known, String path) {
        if (known.containsKey("class") || known.containsKey("executor")) {
            return;
        }
        for (Map.Entry<String, ConfigValue> each : new TreeMap<>(given).entrySet()) {
            String name = each.getKey();
            ConfigValue value = each.getValue();
            ConfigValue there = known.get(name);
            String itsPath = path + "." + ConfigUtil.joinPath(name);
            if (there == null) {
                throw new InvalidSettingException(
                        itsPath,
                        null,
                        "there is no such setting"
                                + nearest(name, known.keySet())
                                + " ("
                                + value.origin().description()
                                + ")");
            }
            if (value instanceof ConfigObject below && there instanceof ConfigObject knownBelow) {
                refuse(below, knownBelow, itsPath);
            }
        }
    }

    private static String nearest(String name, Collection<String> known) {
        return known.stream()
                .filter(each -> distance(name, each) <= Math.max(1, name.length() / 4))
                .min(Comparator.comparingInt(each -> distance(name, each)))
                .map(each -> ", but " + each)
                .orElse("");
    }

    /** Letters to be put in, taken out or replaced to get from one name to the other (Levenshtein 1966). */
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }
}
