package io.chainring.persistence.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.chainring.base.settings.InvalidSettingException;
import io.chainring.base.settings.Settings;
import io.chainring.persistence.LeveldbInstance;
import io.chainring.persistence.LeveldbPersistence;
import io.chainring.persistence.database.StoreSettings;
import io.chainring.persistence.journal.JournalProbe;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each setting has its range, and a message names the setting that somebody has to change. */
final class StoreSettingsTest {
    private static final String SHARED = "chainring.persistence.leveldb";

    @TempDir Path directory;

    /** Reads the settings of the journal plugin, and of another journal that is made like it. */
    private void refused(String setting, String message) {
        Config config =
                ConfigFactory.parseString(setting)
                        .withFallback(JournalProbe.config(directory, "auto", false));
        try (JournalProbe journal = JournalProbe.open(config)) {
            LeveldbPersistence persistence = LeveldbPersistence.get(journal.system);
            LeveldbInstance second = new LeveldbInstance("second", directory, false, null);
            Config plugins = second.config(config);
            for (String id : new String[] {JournalProbe.JOURNAL, second.journalPluginId()}) {
                Config own = plugins.withFallback(config).getConfig(id);
                InvalidSettingException refusal =
                        assertThrows(
                                InvalidSettingException.class,
                                () -> StoreSettings.from(persistence.settings(own, id)));
                assertEquals(message, refusal.getMessage());
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "write-buffer = 1 KiB | 1024 bytes: allowed are 65536 to 1073741824 bytes",
                "group-commit.queue-records = 0 | 0: allowed are 1 to 2147483647",
                "group-commit.queue-bytes = 0 | 0 bytes: allowed are 1 to 1099511627776 bytes",
                "group-commit.gather-share = 1.5 | 1.5: allowed are 0 to 1",
                "deletion.piece-keys = 0 | 0: allowed are 1 to 1048576",
                "deletion.compaction-after-keys = 0 | 0: allowed are 1 to 9223372036854775807",
                "cached-persistence-ids = 0 | 0: allowed are 1 to 2147483647",
                "forget-finished-after = 0 | 0: allowed are 1 s to 36500 d",
                "reopen-backoff = 0 ms | 0 ms: allowed are 1 ms to 3600 s",
                "engine = rocks | 'rocks: one of auto, system, leveldbjni, iq80'"
            })
    void rangesAreNamed(String setting, String message) {
        String name = setting.substring(0, setting.indexOf(' '));
        refused(SHARED + "." + setting, SHARED + "." + name + " = " + message);
    }

    @Test
    void settingOfAPluginsOwnBlockIsNamedThere() {
        String path = SHARED + ".journal.max-event-size";
        refused(path + " = 0", path + " = 0 bytes: allowed are 1 to 1073741824 bytes");
    }

    @Test
    void nobodyIsForgottenUnlessItIsAskedFor() {
        StoreSettings settings =
                StoreSettings.from(
                        Settings.at(JournalProbe.config(directory, "auto", false), SHARED));
        assertEquals(Duration.ZERO, settings.forgetFinishedAfter());
    }

    @Test
    void toolsForgetNothingAndLeaveALittleSpace() {
        StoreSettings tools = StoreSettings.forTools(directory, "auto");
        assertEquals(Duration.ZERO, tools.forgetFinishedAfter());
        assertEquals(4L << 20, tools.minFreeBytes());
    }
}
