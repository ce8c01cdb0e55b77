package io.chainring.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigValue;
import java.io.IOException;
import java.net.URL;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A reference.conf tells the default, and beside it what a node takes instead. */
class NodeDefaultsTest {
    private static final String OURS = "chainring";

    private static void collect(String path, ConfigObject from, Map<String, ConfigValue> into) {
        for (Map.Entry<String, ConfigValue> entry : from.entrySet()) {
            String each = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
            if (entry.getValue() instanceof ConfigObject below) {
                collect(each, below, into);
            } else if (each.startsWith(OURS + ".")) {
                into.put(each, entry.getValue());
            }
        }
    }

    private static Map<String, ConfigValue> settingsOf(URL file) {
        Map<String, ConfigValue> settings = new TreeMap<>();
        // Settings of other files may be missing.
        ConfigResolveOptions alone = ConfigResolveOptions.defaults().setAllowUnresolved(true);
        collect("", ConfigFactory.parseURL(file).resolve(alone).root(), settings);
        return settings;
    }

    private static Map<String, ConfigValue> references() throws IOException {
        Map<String, ConfigValue> all = new TreeMap<>();
        ClassLoader loader = NodeDefaultsTest.class.getClassLoader();
        for (URL file : Collections.list(loader.getResources("reference.conf"))) {
            settingsOf(file)
                    .forEach(
                            (path, value) -> {
                                ConfigValue before = all.put(path, value);
                                assertEquals(null, before, path + " has two defaults");
                            });
        }
        return all;
    }

    @Test
    void whatANodeTakesInsteadOfADefaultStandsBesideIt() throws IOException {
        Map<String, ConfigValue> defaults = references();
        Map<String, ConfigValue> nodes =
                settingsOf(NodeDefaultsTest.class.getClassLoader().getResource("application.conf"));
        assertFalse(nodes.isEmpty());
        nodes.forEach(
                (path, value) -> {
                    assertTrue(defaults.containsKey(path), path + " has no default");
                    String told = String.join(" ", defaults.get(path).origin().comments());
                    String taken =
                            value.render(ConfigRenderOptions.concise()).replaceAll("^\"|\"$", "");
                    String words = taken.equals("false") ? "off" : taken;
                    assertTrue(
                            told.replaceAll("\\s+", " ").contains("A node: " + words + "."),
                            () -> path + " is " + words + " in a node, and its comment is" + told);
                });
    }
}
