package io.chainring.host.fault;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.util.Map;

/** An application whose disks record in a folder. */
final class OnFiles {
    private OnFiles() {}

    static Config config(Path folder, int snapshotEveryTurns) {
        return ConfigFactory.parseMap(
                        Map.of(
                                "chainring.persistence.leveldb.dir",
                                folder.toString(),
                                "chainring.persistence.leveldb.fsync",
                                "off",
                                "chainring.persistence.leveldb.reopen-backoff",
                                "5 ms",
                                "chainring.ring.snapshot-every-turns",
                                snapshotEveryTurns,
                                "chainring.ring.poison-limit-attempts",
                                1_000))
                .withFallback(
                        ConfigFactory.parseString(
                                """
                                pekko.loglevel = OFF
                                pekko.persistence.journal.plugin = chainring.persistence.leveldb.journal
                                pekko.persistence.snapshot-store.plugin = chainring.persistence.leveldb.snapshot-store
                                """))
                .withFallback(ConfigFactory.load());
    }
}
