package io.chainring.persistence.query;

import com.typesafe.config.Config;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.persistence.query.ReadJournalProvider;

/** Makes the read journal for Persistence Query; named in the configuration. */
public final class LeveldbReadJournalProvider implements ReadJournalProvider {
    private final LeveldbReadJournal journal;

    /** Called by Persistence Query. */
    public LeveldbReadJournalProvider(
            ExtendedActorSystem system, Config config, String configPath) {
        this.journal = new LeveldbReadJournal(system, config, configPath);
    }

    @Override
    public org.apache.pekko.persistence.query.scaladsl.ReadJournal scaladslReadJournal() {
        return new ScalaReadJournal(journal);
    }

    @Override
    public org.apache.pekko.persistence.query.javadsl.ReadJournal javadslReadJournal() {
        return journal;
    }
}
