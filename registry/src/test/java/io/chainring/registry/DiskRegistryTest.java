package io.chainring.registry;

import static io.chainring.registry.rules.RegistryFixture.accepted;
import static io.chainring.registry.rules.RegistryFixture.disk;
import static io.chainring.registry.rules.RegistryFixture.name;
import static io.chainring.registry.rules.RegistryFixture.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.chainring.base.Seed;
import io.chainring.base.StalledJournal;
import io.chainring.registry.name.DeviceName;
import io.chainring.registry.rules.AnsweredRequests;
import io.chainring.registry.rules.DiskState;
import io.chainring.registry.rules.LookupAnswer;
import io.chainring.registry.rules.LookupKey;
import io.chainring.registry.rules.Refusal;
import io.chainring.registry.rules.RegisteredDisk;
import io.chainring.registry.rules.RegistryAnswer;
import io.chainring.registry.rules.RegistryEvent;
import io.chainring.registry.rules.RegistryModel;
import io.chainring.registry.rules.RegistryRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.LoggingTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin;
import org.apache.pekko.persistence.testkit.PersistenceTestKitSnapshotPlugin;
import org.apache.pekko.persistence.testkit.javadsl.PersistenceTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The actor: what it journals, when it answers, and that it may be killed between any two messages. */
class DiskRegistryTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int ROUNDS = 250;
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final ActorTestKit KIT = ActorTestKit.create("disk-registry", config());
    private static final PersistenceTestKit JOURNAL = PersistenceTestKit.create(KIT.system());

    private final String id = "disk-registry-" + NUMBERS.incrementAndGet();
    private final TestProbe<RegistryAnswer> answers = KIT.createTestProbe();

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

    @AfterEach
    void letTheJournalGo() {
        JOURNAL.resetPolicy();
    }

    private RegistrySetup setup(int snapshotEveryEvents, int waitingLimitRequests) {
        return setup(snapshotEveryEvents, waitingLimitRequests, Duration.ofMillis(5));
    }

    private RegistrySetup setup(
            int snapshotEveryEvents, int waitingLimitRequests, Duration backoff) {
        RegistrySetup defaults = RegistrySetup.of(KIT.system().settings().config());
        return new RegistrySetup(
                id,
                defaults.settings(),
                "",
                "",
                null,
                snapshotEveryEvents,
                waitingLimitRequests,
                backoff,
                backoff.multipliedBy(4),
                defaults.clock());
    }

    private ActorRef<DiskRegistry.Command> start() {
        return KIT.spawn(DiskRegistry.create(setup(100_000, 100)));
    }

    private void tell(ActorRef<DiskRegistry.Command> registry, RegistryRequest request) {
        registry.tell(new DiskRegistry.Ask(request, answers.getRef()));
    }

    private RegistryAnswer ask(ActorRef<DiskRegistry.Command> registry, RegistryRequest request) {
        tell(registry, request);
        return answers.receiveMessage(PATIENCE);
    }

    private static RegistryRequest.Insert insert(int number, String requestId) {
        return new RegistryRequest.Insert(disk(number), name(number), null, requestId);
    }

    @Test
    void answersLookUpsAndLists() {
        ActorRef<DiskRegistry.Command> registry = start();
        RegisteredDisk first = accepted(ask(registry, insert(1, "a")));
        RegisteredDisk second = accepted(ask(registry, insert(2, "b")));
        TestProbe<LookupAnswer> found = KIT.createTestProbe();
        registry.tell(new DiskRegistry.Lookup(new LookupKey.ByText("vdc"), found.getRef()));
        assertEquals(new LookupAnswer.Found(second), found.receiveMessage(PATIENCE));
        TestProbe<DiskRegistry.Disks> listed = KIT.createTestProbe();
        registry.tell(new DiskRegistry.ListDisks(listed.getRef()));
        assertEquals(List.of(first, second), listed.receiveMessage(PATIENCE).disks());
        assertEquals(
                List.of(
                        new RegistryEvent.DiskSet(mark(insert(1, "a")), first),
                        new RegistryEvent.DiskSet(mark(insert(2, "b")), second)),
                JOURNAL.persistedInStorage(id));
    }

    private static RegistryEvent.RequestMark mark(RegistryRequest.Repeatable request) {
        return new RegistryEvent.RequestMark(
                request.requestId(), AnsweredRequests.fingerprint(request));
    }

    @Test
    void r2_nothingIsAnsweredThatIsNotInTheJournal() {
        ActorRef<DiskRegistry.Command> registry = start();
        accepted(ask(registry, insert(1, "a")));
        JOURNAL.failNextNPersisted(id, 3);
        for (int failure = 0; failure < 3; failure++) {
            tell(registry, insert(2, "b"));
            answers.expectNoMessage(Duration.ofMillis(60));
        }
        RegisteredDisk disk = accepted(ask(registry, insert(2, "b")));
        assertEquals("vdc", disk.deviceName().toString());
        assertEquals(2, JOURNAL.persistedInStorage(id).size());
    }

    /** Everything that has been sent may have been handled or not when the actor ends. */
    @Test
    void isKilledBetweenAnyTwoMessagesAndDecidesEachRequestOnce() {
        SplittableRandom random = new SplittableRandom(Seed.next("DiskRegistryTest"));
        RegistryModel answered = new RegistryModel();
        ActorRef<DiskRegistry.Command> registry = start();
        List<RegistryRequest.Repeatable> requests = new ArrayList<>();
        List<RegistryAnswer> given = new ArrayList<>();
        int kills = 0;
        for (int round = 0; round < ROUNDS; round++) {
            int number = random.nextInt(5);
            String requestId = "r" + round;
            RegistryRequest.Repeatable request =
                    switch (random.nextInt(4)) {
                        case 0 -> new RegistryRequest.Eject(disk(number), requestId);
                        case 1 ->
                                new RegistryRequest.Rename(
                                        disk(number),
                                        null,
                                        "vd" + (char) ('b' + round % 7),
                                        requestId);
                        default -> insert(number, requestId);
                    };
            if (random.nextInt(3) == 0) {
                tell(registry, request);
                KIT.stop(registry, PATIENCE);
                registry = start();
                kills++;
                // Whoever got no answer sends it again, and may hit a kill again.
                if (random.nextBoolean()) {
                    tell(registry, request);
                    KIT.stop(registry, PATIENCE);
                    registry = start();
                }
            }
            RegistryAnswer answer = askWithProbe(registry, request);
            requests.add(request);
            given.add(answer);
            if (answer instanceof RegistryAnswer.Accepted accepted
                    && accepted.disk().state() == DiskState.DETACHING) {
                askWithProbe(
                        registry,
                        new RegistryRequest.Detached(disk(number), accepted.disk().insertion()));
            }
        }
        JOURNAL.persistedInStorage(id).forEach(e -> answered.journaled((RegistryEvent) e));
        for (int i = 0; i < requests.size(); i++) {
            answered.answered(requests.get(i), given.get(i));
            answered.answered(requests.get(i), askWithProbe(registry, requests.get(i)));
        }
        assertTrue(kills > ROUNDS / 6, kills + " kills");
    }

    /** With a probe of its own: late answers of an earlier incarnation go elsewhere. */
    private static RegistryAnswer askWithProbe(
            ActorRef<DiskRegistry.Command> registry, RegistryRequest request) {
        TestProbe<RegistryAnswer> probe = KIT.createTestProbe();
        registry.tell(new DiskRegistry.Ask(request, probe.getRef()));
        RegistryAnswer answer = probe.receiveMessage(PATIENCE);
        probe.stop();
        return answer;
    }

    @Test
    void comesBackFromASnapshotAndWhatCameAfterIt() {
        ActorRef<DiskRegistry.Command> registry = KIT.spawn(DiskRegistry.create(setup(10, 100)));
        List<RegistryAnswer> given = new ArrayList<>();
        for (int number = 1; number <= 95; number++) {
            given.add(ask(registry, insert(number, "r" + number)));
        }
        KIT.stop(registry, PATIENCE);
        assertTrue(
                JOURNAL.persistedInStorage(id).size() < 60,
                JOURNAL.persistedInStorage(id).size() + " events are left");
        registry = KIT.spawn(DiskRegistry.create(setup(10, 100)));
        for (int number = 1; number <= 95; number++) {
            assertEquals(given.get(number - 1), ask(registry, insert(number, "r" + number)));
        }
    }

    @Test
    void requestsBeyondTheLimitAreToldThatItIsBusy() {
        ActorRef<DiskRegistry.Command> registry = KIT.spawn(DiskRegistry.create(setup(100_000, 3)));
        accepted(ask(registry, insert(1, "a")));
        turnsAwayWhatIsBeyondThree(registry);
        accepted(ask(registry, insert(19, "r19")));
        assertEquals(6, JOURNAL.persistedInStorage(id).size());
    }

    @Test
    void whatWaitedAtAFailureIsCountedRightAfterIt() {
        ActorRef<DiskRegistry.Command> registry = KIT.spawn(DiskRegistry.create(setup(100_000, 3)));
        TestProbe<RegistryAnswer> clients = KIT.createTestProbe();
        for (int failure = 1; failure <= 5; failure++) {
            JOURNAL.failNextNPersisted(id, 1);
            for (int number = 1; number <= 3; number++) {
                RegistryRequest insert = insert(number, "failure" + failure + "-" + number);
                registry.tell(new DiskRegistry.Ask(insert, clients.getRef()));
            }
            // The first one failed; what waited behind it is decided after the failure.
            accepted(clients.receiveMessage(PATIENCE));
            accepted(clients.receiveMessage(PATIENCE));
        }
        turnsAwayWhatIsBeyondThree(registry);
    }

    private void turnsAwayWhatIsBeyondThree(ActorRef<DiskRegistry.Command> registry) {
        StalledJournal stalled = new StalledJournal();
        JOURNAL.withPolicy(stalled);
        for (int number = 10; number < 20; number++) {
            tell(registry, insert(number, "r" + number));
        }
        // One is being written, three wait; the others are told at once.
        for (int turnedAway = 0; turnedAway < 6; turnedAway++) {
            RegistryAnswer answer = answers.receiveMessage(PATIENCE);
            assertEquals(3, refused(Refusal.Busy.class, answer).limitRequests());
        }
        stalled.letGo();
        for (int taken = 0; taken < 4; taken++) {
            accepted(answers.receiveMessage(PATIENCE));
        }
    }

    @Test
    void r1_ofManyThatAskForOneNameAtOnceOneGetsIt() {
        ActorRef<DiskRegistry.Command> registry = start();
        List<TestProbe<RegistryAnswer>> clients = new ArrayList<>();
        for (int number = 1; number <= 16; number++) {
            TestProbe<RegistryAnswer> client = KIT.createTestProbe();
            clients.add(client);
            RegistryRequest insert =
                    new RegistryRequest.Insert(disk(number), name(number), "vdc", "r" + number);
            KIT.system()
                    .executionContext()
                    .execute(() -> registry.tell(new DiskRegistry.Ask(insert, client.getRef())));
        }
        List<UUID> holders = new ArrayList<>();
        List<Refusal.NameTaken> others = new ArrayList<>();
        for (TestProbe<RegistryAnswer> client : clients) {
            RegistryAnswer answer = client.receiveMessage(PATIENCE);
            if (answer instanceof RegistryAnswer.Accepted accepted) {
                holders.add(accepted.disk().uuid());
            } else {
                others.add(refused(Refusal.NameTaken.class, answer));
            }
        }
        assertEquals(1, holders.size());
        assertEquals(15, others.size());
        others.forEach(
                refusal -> {
                    assertEquals(holders.get(0), refusal.holder());
                    assertEquals(DeviceName.parse("vdb"), refusal.free());
                });
    }

    @Test
    void aJournalThatContradictsItselfIsNamedInOneLineAndNobodyGetsAnAnswer() {
        RegisteredDisk reserved =
                new RegisteredDisk(
                        disk(1),
                        name(1),
                        DeviceName.parse("vdc"),
                        1,
                        DiskState.RESERVED,
                        1,
                        1,
                        null);
        RegisteredDisk thief =
                new RegisteredDisk(
                        disk(2),
                        name(2),
                        DeviceName.parse("vdc"),
                        2,
                        DiskState.RESERVED,
                        2,
                        1,
                        null);
        JOURNAL.persistForRecovery(
                id,
                List.of(
                        new RegistryEvent.DiskSet(null, reserved),
                        new RegistryEvent.DiskSet(null, thief)));
        LoggingTestKit.error("vdc for " + disk(2) + ", while " + disk(1) + " holds it")
                .withLoggerName(DiskRegistry.class.getName())
                .expect(
                        KIT.system(),
                        () -> {
                            ActorRef<DiskRegistry.Command> registry =
                                    KIT.spawn(DiskRegistry.create(setup(100, 100, PATIENCE)));
                            tell(registry, insert(3, "a"));
                            return registry;
                        });
        answers.expectNoMessage(Duration.ofMillis(100));
    }

    @Test
    void twoWordsOfTheSameServerAreOneEvent() {
        ActorRef<DiskRegistry.Command> registry = start();
        RegisteredDisk disk = accepted(ask(registry, insert(1, "a")));
        RegistryRequest attached = new RegistryRequest.Attached(disk.uuid(), disk.insertion(), 0);
        assertEquals(ask(registry, attached), ask(registry, attached));
        assertEquals(2, JOURNAL.persistedInStorage(id).size());
    }
}
