package io.chainring.registry;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.chainring.base.fault.FaultPoints;
import io.chainring.registry.rules.RegistryAnswer;
import io.chainring.registry.rules.RegistryRequest;
import java.time.Duration;
import java.util.UUID;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin;
import org.apache.pekko.persistence.testkit.PersistenceTestKitSnapshotPlugin;
import org.apache.pekko.persistence.testkit.javadsl.PersistenceTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The registry dies at each of its points, again and again: what was asked is decided once, and answered in the end. */
final class RegistryPointTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int REQUESTS = 12;
    private static final ActorTestKit KIT = ActorTestKit.create("registry-points", config());
    private static final PersistenceTestKit JOURNAL = PersistenceTestKit.create(KIT.system());

    private static Config config() {
        return ConfigFactory.parseString("pekko.loglevel = OFF")
                .withFallback(PersistenceTestKitPlugin.getInstance().config())
                .withFallback(PersistenceTestKitSnapshotPlugin.config())
                .withFallback(ConfigFactory.load());
    }

    @AfterAll
    static void endKit() {
        KIT.shutdownTestKit();
    }

    @ParameterizedTest
    @EnumSource(RegistryPoint.class)
    void whatIsAskedIsDecidedOnceWhereverItDies(RegistryPoint point) {
        String id = "points-" + point;
        RegistrySetup defaults = RegistrySetup.of(KIT.system().settings().config());
        RegistrySetup setup =
                new RegistrySetup(
                        id,
                        defaults.settings(),
                        "",
                        "",
                        null,
                        point == RegistryPoint.REGISTRY_SNAPSHOTTING ? 3 : 1000,
                        100,
                        Duration.ofMillis(1),
                        Duration.ofMillis(4),
                        defaults.clock());
        ActorRef<DiskRegistry.Command> registry = KIT.spawn(DiskRegistry.create(setup));
        insert(registry, 0);
        setup.points().arm(point, new RegistryKilledException("at " + point), 0, 3);
        if (point == RegistryPoint.REGISTRY_REPLAYING
                || point == RegistryPoint.REGISTRY_RECOVERED) {
            registry.tell(new DiskRegistry.Die(new RegistryKilledException("now")));
        }
        for (int number = 1; number < REQUESTS; number++) {
            insert(registry, number);
        }
        FaultPoints.Count<RegistryPoint> count = setup.points().counts().get(point.ordinal());
        assertEquals(3, count.acted(), count.toString());
        TestProbe<DiskRegistry.Disks> disks = KIT.createTestProbe();
        registry.tell(new DiskRegistry.ListDisks(disks.getRef()));
        assertEquals(REQUESTS, disks.receiveMessage(PATIENCE).disks().size());
        if (point != RegistryPoint.REGISTRY_SNAPSHOTTING) {
            assertEquals(REQUESTS, JOURNAL.persistedInStorage(id).size(), "one event each");
        }
        KIT.stop(registry, PATIENCE);
    }

    /** Sent again until it is answered, as a node does. */
    private static void insert(ActorRef<DiskRegistry.Command> registry, int number) {
        RegistryRequest request =
                new RegistryRequest.Insert(
                        new UUID(7, number), "disk" + number, null, "request" + number);
        await().atMost(PATIENCE)
                .until(
                        () -> {
                            TestProbe<RegistryAnswer> own = KIT.createTestProbe();
                            registry.tell(new DiskRegistry.Ask(request, own.getRef()));
                            try {
                                assertInstanceOf(
                                        RegistryAnswer.Accepted.class,
                                        own.receiveMessage(Duration.ofMillis(200)));
                                return true;
                            } catch (AssertionError silent) {
                                return false;
                            }
                        });
    }
}
