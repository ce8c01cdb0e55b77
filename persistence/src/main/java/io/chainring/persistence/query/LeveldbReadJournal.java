package io.chainring.persistence.query;

import com.typesafe.config.Config;
import io.chainring.base.settings.Settings;
import io.chainring.persistence.LeveldbPersistence;
import io.chainring.persistence.database.StoreSettings;
import io.chainring.persistence.journal.EventSerializer;
import io.chainring.persistence.store.Store;
import java.util.function.Function;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.persistence.Persistence;
import org.apache.pekko.persistence.query.EventEnvelope;
import org.apache.pekko.persistence.query.Offset;
import org.apache.pekko.persistence.query.Sequence;
import org.apache.pekko.persistence.query.javadsl.CurrentEventsByPersistenceIdQuery;
import org.apache.pekko.persistence.query.javadsl.CurrentEventsByTagQuery;
import org.apache.pekko.persistence.query.javadsl.CurrentPersistenceIdsQuery;
import org.apache.pekko.persistence.query.javadsl.EventsByPersistenceIdQuery;
import org.apache.pekko.persistence.query.javadsl.EventsByTagQuery;
import org.apache.pekko.persistence.query.javadsl.PersistenceIdsQuery;
import org.apache.pekko.persistence.query.javadsl.ReadJournal;
import org.apache.pekko.stream.ActorAttributes;
import org.apache.pekko.stream.javadsl.Source;

/**
 * The read journal {@code chainring.persistence.leveldb.query}.
 *
 * <p>Offsets of {@code eventsByTag} are {@link Sequence}s, counted for each tag from 1; a query begins behind the offset that
 * it is given. Events of the journal that runs in the same actor system arrive as soon as they are written.
 */
public final class LeveldbReadJournal
        implements ReadJournal,
                EventsByPersistenceIdQuery,
                CurrentEventsByPersistenceIdQuery,
                EventsByTagQuery,
                CurrentEventsByTagQuery,
                PersistenceIdsQuery,
                CurrentPersistenceIdsQuery {
    /** The plugin's id. */
    public static final String IDENTIFIER = "chainring.persistence.leveldb.query";

    private final LeveldbPersistence persistence;
    private final StoreSettings settings;
    private final EventSerializer serializer;
    private final int pageSize;
    private final String dispatcher;

    LeveldbReadJournal(ExtendedActorSystem system, Config config, String configPath) {
        this.persistence = LeveldbPersistence.get(system);
        Settings all = persistence.settings(config, configPath);
        this.settings = StoreSettings.from(all);
        this.serializer =
                new EventSerializer(
                        system,
                        Persistence.get(system).adaptersFor(all.text("journal-plugin")),
                        settings.maxEventBytes());
        this.pageSize = all.number("page-size", 1, 1 << 20);
        this.dispatcher = all.text("dispatcher");
    }

    @Override
    public Source<EventEnvelope, NotUsed> eventsByPersistenceId(
            String persistenceId, long fromSequenceNr, long toSequenceNr) {
        return source(
                true,
                store ->
                        new EventsById(
                                store, serializer, persistenceId, fromSequenceNr, toSequenceNr));
    }

    @Override
    public Source<EventEnvelope, NotUsed> currentEventsByPersistenceId(
            String persistenceId, long fromSequenceNr, long toSequenceNr) {
        return source(
                false,
                store ->
                        new EventsById(
                                store,
                                serializer,
                                persistenceId,
                                fromSequenceNr,
                                Math.min(toSequenceNr, store.highestSequenceNr(persistenceId))));
    }

    @Override
    public Source<EventEnvelope, NotUsed> eventsByTag(String tag, Offset offset) {
        long after = after(offset);
        return source(true, store -> new EventsByTag(store, serializer, tag, after, true));
    }

    @Override
    public Source<EventEnvelope, NotUsed> currentEventsByTag(String tag, Offset offset) {
        long after = after(offset);
        return source(false, store -> new EventsByTag(store, serializer, tag, after, false));
    }

    @Override
    public Source<String, NotUsed> persistenceIds() {
        return source(true, store -> new PersistenceIdPages(store, true));
    }

    @Override
    public Source<String, NotUsed> currentPersistenceIds() {
        return source(false, store -> new PersistenceIdPages(store, false));
    }

    private <T> Source<T, NotUsed> source(boolean live, Function<Store, PageReader<T>> reader) {
        return Source.fromGraph(new QuerySource<>(persistence, settings, pageSize, live, reader))
                .withAttributes(ActorAttributes.dispatcher(dispatcher));
    }

    private static long after(Offset offset) {
        if (offset instanceof Sequence sequence) {
            return sequence.value();
        }
        if (Offset.noOffset().equals(offset)) {
            return 0;
        }
        throw new IllegalArgumentException(
                "offset of a tag must be a Sequence or NoOffset, not " + offset);
    }
}
