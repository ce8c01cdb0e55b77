package io.chainring.node.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.chainring.base.settings.InvalidSettingException;
import io.chainring.node.StartException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Options of a command line that stand for settings. What is wrong with one is said of the option, which its giver knows. */
final class GivenSettings {
    private final Map<String, Object> values = new HashMap<>();
    private final Map<String, String> options = new HashMap<>();

    /**
     * @param option as it is typed, such as {@code --fsync}
     * @param path of the setting that it stands for
     * @param value null: it was not given
     */
    void put(String option, String path, @Nullable Object value) {
        if (value != null) {
            values.put(path, value);
            options.put(path, option);
        }
    }

    Config config() {
        return ConfigFactory.parseMap(values, "command line");
    }

    /** The same problem, said of the option where it was given with one. */
    StartException named(StartException problem) {
        for (Throwable each = problem; each != null; each = each.getCause()) {
            if (each instanceof InvalidSettingException setting) {
                String option = options.get(setting.path());
                return option == null
                        ? problem
                        : new StartException(setting.messageFor(option), problem);
            }
        }
        return problem;
    }
}
