package io.chainring.persistence.snapshot;

import com.typesafe.config.Config;
import io.chainring.base.settings.Settings;
import io.chainring.persistence.LeveldbPersistence;
import io.chainring.persistence.database.StoreSettings;
import io.chainring.persistence.format.EventRecord.Serialized;
import io.chainring.persistence.journal.EventSerializer;
import io.chainring.persistence.store.SnapshotArea;
import io.chainring.persistence.store.Store;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.BiPredicate;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.dispatch.Futures;
import org.apache.pekko.persistence.SelectedSnapshot;
import org.apache.pekko.persistence.SnapshotMetadata;
import org.apache.pekko.persistence.SnapshotSelectionCriteria;
import org.apache.pekko.persistence.snapshot.japi.SnapshotStore;
import org.jspecify.annotations.Nullable;
import scala.concurrent.Future;

/**
 * The snapshot store plugin {@code chainring.persistence.leveldb.snapshot-store}.
 *
 * <p>Snapshots are in the database of the journal of the same directory. Serializing, writing and reading run on this
 * actor's own dispatcher, which must not be a loop; requests are handled one after the other.
 */
public final class LeveldbSnapshotStore extends SnapshotStore {
    private final LeveldbPersistence persistence;
    private final StoreSettings settings;
    private final EventSerializer serializer;
    private final SnapshotArea.WhenUnreadable whenUnreadable;
    private @Nullable Store store;

    /** Called by Pekko with the plugin's configuration and its path. */
    public LeveldbSnapshotStore(Config config, String configPath) {
        ExtendedActorSystem system = (ExtendedActorSystem) context().system();
        this.persistence = LeveldbPersistence.get(system);
        Settings all = persistence.settings(config, configPath);
        this.settings = StoreSettings.from(all);
        this.whenUnreadable = all.parsed("when-unreadable", SnapshotArea.WhenUnreadable::of);
        this.serializer = EventSerializer.withoutAdapters(system, settings.maxSnapshotBytes());
    }

    @Override
    public void postStop() throws Exception {
        super.postStop();
        if (store != null) {
            persistence.release(store);
        }
    }

    @Override
    public Future<Optional<SelectedSnapshot>> doLoadAsync(
            String persistenceId, SnapshotSelectionCriteria criteria) {
        return now(
                () ->
                        Optional.ofNullable(
                                area().loadYoungest(
                                                persistenceId,
                                                matching(criteria),
                                                whenUnreadable,
                                                stored -> selected(persistenceId, stored))));
    }

    @Override
    public Future<Void> doSaveAsync(SnapshotMetadata metadata, Object snapshot) {
        return now(
                () -> {
                    Serialized extra =
                            metadata.metadata().isEmpty()
                                    ? null
                                    : serializer.toBytes(metadata.metadata().get());
                    area().save(
                                    metadata.persistenceId(),
                                    new SnapshotArea.Id(
                                            metadata.sequenceNr(), metadata.timestamp()),
                                    serializer.toBytes(snapshot),
                                    extra);
                    return null;
                });
    }

    @Override
    public Future<Void> doDeleteAsync(SnapshotMetadata metadata) {
        return now(
                () -> {
                    area().delete(
                                    metadata.persistenceId(),
                                    (sequenceNr, timestamp) ->
                                            sequenceNr == metadata.sequenceNr()
                                                    && (metadata.timestamp() == 0
                                                            || timestamp == metadata.timestamp()));
                    return null;
                });
    }

    @Override
    public Future<Void> doDeleteAsync(String persistenceId, SnapshotSelectionCriteria criteria) {
        return now(
                () -> {
                    area().delete(persistenceId, matching(criteria));
                    return null;
                });
    }

    private SelectedSnapshot selected(String persistenceId, SnapshotArea.Stored stored) {
        SnapshotMetadata metadata =
                new SnapshotMetadata(
                        persistenceId, stored.id().sequenceNr(), stored.id().timestampMillis());
        Serialized extra = stored.metadata();
        if (extra != null) {
            metadata = metadata.withMetadata(serializer.toObject(extra));
        }
        return SelectedSnapshot.create(metadata, serializer.toObject(stored.payload()));
    }

    private static BiPredicate<Long, Long> matching(SnapshotSelectionCriteria criteria) {
        return (sequenceNr, timestamp) ->
                sequenceNr >= criteria.minSequenceNr()
                        && sequenceNr <= criteria.maxSequenceNr()
                        && timestamp >= criteria.minTimestamp()
                        && timestamp <= criteria.maxTimestamp();
    }

    private SnapshotArea area() {
        if (store == null) {
            store = persistence.acquire(settings);
        }
        return new SnapshotArea(store);
    }

    private static <T> Future<T> now(Callable<T> work) {
        try {
            return Futures.successful(work.call());
        } catch (Exception | Error e) {
            // Whatever is thrown, the actor must hear of it.
            return Futures.failed(e);
        }
    }
}
