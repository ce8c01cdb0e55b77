package io.chainring.persistence.store;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.chainring.persistence.LeveldbHealthCheck;
import io.chainring.persistence.LeveldbPersistence;
import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.database.StoreSettings;
import io.chainring.persistence.engine.EngineException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.ActorSystem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the health check says while a journal cannot be opened, and while it waits to be opened again. */
final class HealthCheckTest {
    @TempDir Path directory;
    private ActorSystem system;
    private LeveldbPersistence persistence;
    private StoreSettings settings;

    @BeforeEach
    void start() {
        system = ActorSystem.create("health", ConfigFactory.load());
        persistence = LeveldbPersistence.get(system);
        settings = Stores.settings(directory, "auto", true);
    }

    @AfterEach
    void stop() throws Exception {
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().get(120, TimeUnit.SECONDS);
    }

    private boolean healthy() {
        return new LeveldbHealthCheck(system).get().toCompletableFuture().join();
    }

    @Test
    void journalThatCannotBeOpenedIsNotHealthyUntilItIs() {
        assertTrue(healthy(), "nobody has asked for a journal yet");
        Store somebodyElses = Store.open(settings);
        assertThrows(StoreException.Locked.class, () -> persistence.acquire(settings));
        assertFalse(healthy());
        somebodyElses.close();
        persistence.release(persistence.acquire(settings));
        assertTrue(healthy());
    }

    @Test
    void journalWithAFailedWriteIsNotHealthyUntilItIsReopened() {
        Store store = persistence.acquire(settings);
        assertTrue(healthy());
        store.lock.lock();
        try {
            // Under its lock it cannot be reopened.
            store.failed(new EngineException("injected", null));
            assertFalse(healthy());
        } finally {
            store.lock.unlock();
        }
        await().until(this::healthy);
        assertTrue(store.isOpen());
        persistence.release(store);
    }
}
