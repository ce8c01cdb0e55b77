package io.chainring.node.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.node.service.DiskLifeInput.Wish;
import io.chainring.registry.name.DeviceName;
import io.chainring.registry.name.NameScheme;
import io.chainring.registry.rules.DiskState;
import io.chainring.registry.rules.DiskStorage;
import io.chainring.registry.rules.RegisteredDisk;
import io.chainring.registry.rules.RegistryAnswer;
import io.chainring.registry.rules.RegistryCore;
import io.chainring.registry.rules.RegistryEvent;
import io.chainring.registry.rules.RegistryRequest;
import io.chainring.registry.rules.RegistrySettings;
import io.chainring.registry.rules.RegistryState;
import io.chainring.registry.rules.ReusePolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A node's disks with the real registry's decisions, over a storage and actors that are numbers: every outcome comes when
 * the dice say so, or never, because the process dies before. Checks after each step what must never be, and at rest what
 * must agree.
 */
final class DiskWorld {
    private static final RegistrySettings SETTINGS =
            new RegistrySettings(
                    ReusePolicy.STICKY,
                    Duration.ofHours(1),
                    List.of(NameScheme.VD),
                    Set.of(DeviceName.parse("vda")),
                    100,
                    50);

    final SplittableRandom random;
    private final RegistryState state = new RegistryState(SETTINGS);
    private final RegistryCore registry = new RegistryCore(state, SETTINGS);
    private final Map<String, UUID> openImages = new HashMap<>();
    private final Set<String> images = new HashSet<>();
    private final Set<UUID> backends = new HashSet<>();

    /** What journals know of. */
    private final Set<String> journaled = new HashSet<>();

    /** Disks that disks.json shows; outlives the process. */
    private final Set<UUID> view = new HashSet<>();

    private final List<Life> lives = new ArrayList<>();
    private final List<Runnable> pending = new ArrayList<>();
    private final Map<Long, Asked> unanswered = new HashMap<>();
    private long tickets;
    private long requests;
    private int disks;
    private boolean ending;
    boolean startFailed;
    long answers;
    long deaths;

    private record Asked(Life life, Wish wish) {}

    DiskWorld(SplittableRandom random) {
        this.random = random;
    }

    private boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    private @Nullable RegisteredDisk registered(UUID uuid) {
        return registry.list().stream()
                .filter(each -> each.uuid().equals(uuid))
                .findFirst()
                .orElse(null);
    }

    /** A process begins. */
    void begin() {
        startFailed = false;
        ending = false;
        for (RegisteredDisk disk : registry.list()) {
            Life life = new Life(disk.uuid(), disk);
            lives.add(life);
            life.command(new Wish.Begin(0));
        }
    }

    /** The process dies: what was journaled, and the images, are all that is left. */
    void die() {
        deaths++;
        lives.clear();
        pending.clear();
        unanswered.clear();
        backends.clear();
        openImages.clear();
    }

    void end() {
        ending = true;
        lives.forEach(life -> life.apply(new DiskLifeInput.NodeEnds()));
    }

    boolean isIdle() {
        return pending.isEmpty();
    }

    /** One outcome of those that are awaited. */
    void step() {
        pending.remove(random.nextInt(pending.size())).run();
    }

    /** Somebody wants something. */
    void command() {
        if (lives.isEmpty() || (disks < 6 && oneIn(6))) {
            UUID uuid = new UUID(7, ++disks);
            Life life = new Life(uuid, null);
            lives.add(life);
            String path = "/" + random.nextInt(8);
            life.command(
                    new Wish.Create(
                            "d" + disks, name(), new DiskStorage(path, 0, 0, "d" + disks), 512));
            return;
        }
        Life life = lives.get(random.nextInt(lives.size()));
        if (life.core.known() == null && life.core.stage() == DiskStage.ABSENT) {
            return;
        }
        life.command(
                switch (random.nextInt(6)) {
                    case 0, 1 -> new Wish.Insert(name(), 0);
                    case 2 -> new Wish.Eject(random.nextBoolean());
                    case 3 ->
                            new Wish.Rename(
                                    random.nextBoolean() ? "e" + random.nextInt(9) : null,
                                    name(),
                                    random.nextBoolean());
                    case 4 -> new Wish.Resize(512L * (1 + random.nextInt(9)));
                    default -> new Wish.Forget();
                });
    }

    private @Nullable String name() {
        return random.nextBoolean() ? null : "vd" + (char) ('b' + random.nextInt(5));
    }

    private Set<String> lost(Set<String> known) {
        Set<String> lost = new HashSet<>(journaled);
        lost.removeAll(known);
        return lost;
    }

    /** Nothing is under way. */
    void checkRest() {
        Set<String> known = new HashSet<>();
        assertEquals(Map.of(), unanswered, "commands without an answer");
        registry.list().forEach(disk -> known.add(DiskKeeping.storage(disk).journalId()));
        assertEquals(Set.of(), lost(known), "records of disks that nobody knows");
        for (Life life : lives) {
            assertTrue(life.core.isAtRest(), () -> life.core.stage() + " is no rest");
            boolean runs = backends.contains(life.uuid);
            DiskStage stage = life.core.stage();
            assertEquals(stage == DiskStage.SERVING, runs, "what runs");
            assertEquals(runs, openImages.containsValue(life.uuid), "images");
            assertFalse(ending && runs, "after the end");
            if (startFailed || ending) {
                continue;
            }
            RegisteredDisk disk = registered(life.uuid);
            assertEquals(disk, life.core.known());
            if (disk == null) {
                assertTrue(stage == DiskStage.GONE, () -> stage + " of a disk that is unknown");
            } else {
                assertEquals(
                        runs ? DiskState.INSERTED : DiskState.FREE, disk.state(), "the registry");
                assertEquals(runs, life.shown, "clients");
            }
        }
    }

    private final class Life implements DiskLifeEffects {
        private final UUID uuid;
        private final DiskLifeCore core;
        private boolean shown;
        private @Nullable String path;
        private long sizeBytes;

        Life(UUID uuid, @Nullable RegisteredDisk known) {
            this.uuid = uuid;
            core = new DiskLifeCore(uuid, known, this, () -> "request-" + ++requests);
        }

        void command(Wish wish) {
            long ticket = ++tickets;
            unanswered.put(ticket, new Asked(this, wish));
            apply(new DiskLifeInput.Command(ticket, wish));
        }

        void apply(DiskLifeInput input) {
            core.apply(input);
            RegisteredDisk known = core.known();
            if (known != null && known.isMade() && !core.isBeingForgotten()) {
                view.add(uuid);
            } else {
                view.remove(uuid);
            }
        }

        private void later(Runnable outcome) {
            pending.add(outcome);
        }

        @Override
        public void ask(RegistryRequest request) {
            later(
                    () -> {
                        boolean lost = oneIn(12);
                        RegistryAnswer answer = lost && oneIn(2) ? null : journaled(request);
                        if (lost || answer == null) {
                            if (oneIn(2)) {
                                apply(new DiskLifeInput.Unanswered());
                            }
                            ask(request);
                        } else if (answer instanceof RegistryAnswer.Accepted accepted) {
                            later(() -> apply(new DiskLifeInput.Accepted(accepted.disk())));
                        } else {
                            String why = ((RegistryAnswer.Refused) answer).reason().message();
                            later(() -> apply(new DiskLifeInput.Refused(why)));
                        }
                    });
        }

        private RegistryAnswer journaled(RegistryRequest request) {
            RegistryCore.Decision decision = registry.decide(request, 1);
            RegistryEvent event = decision.event();
            if (event != null) {
                state.apply(event);
            }
            RegisteredDisk now = registered(uuid);
            assertFalse(now == null && view.contains(uuid), "shown, and gone");
            if (now == null || now.state() == DiskState.FREE) {
                assertFalse(backends.contains(uuid), "its name is free while it runs");
                assertFalse(openImages.containsValue(uuid), "its name is free before its image");
            }
            return decision.answer();
        }

        @Override
        public void open(RegisteredDisk disk, long wantedBytes) {
            assertFalse(backends.contains(uuid), "it runs already");
            assertNull(path, "its image is open already");
            String image = DiskKeeping.storage(disk).path();
            later(
                    () -> {
                        boolean missing = !images.contains(image) && disk.isMade();
                        if (missing || oneIn(12) || openImages.containsKey(image)) {
                            later(() -> apply(new DiskLifeInput.Failed("cannot be opened")));
                            return;
                        }
                        images.add(image);
                        openImages.put(image, uuid);
                        path = image;
                        sizeBytes = Math.max(512, DiskKeeping.storage(disk).sizeBytes());
                        later(() -> apply(new DiskLifeInput.Opened(sizeBytes)));
                    });
        }

        @Override
        public void erase(RegisteredDisk disk) {
            assertFalse(backends.contains(uuid), "what runs is erased");
            assertNotNull(registered(uuid), "nothing would find it again");
            later(
                    () -> {
                        journaled.remove(DiskKeeping.storage(disk).journalId());
                        later(() -> apply(new DiskLifeInput.Erased()));
                    });
        }

        @Override
        public void start(RegisteredDisk disk) {
            boolean isNew = journaled.add(DiskKeeping.storage(disk).journalId());
            assertTrue(isNew || disk.isMade(), "another disk's records");
            assertNotNull(path, "no image is open");
            assertTrue(backends.add(uuid), "two backends of one disk");
            later(
                    () ->
                            apply(
                                    oneIn(12)
                                            ? new DiskLifeInput.Failed("does not come up")
                                            : new DiskLifeInput.Serves()));
        }

        @Override
        public void show(boolean toClients) {
            shown = toClients;
        }

        @Override
        public int clients() {
            return oneIn(3) ? 1 : 0;
        }

        @Override
        public int inFlight() {
            return random.nextInt(2);
        }

        @Override
        public void disconnect() {
            assertFalse(shown, "clients could come back");
        }

        @Override
        public void grow(long newBytes) {
            assertTrue(backends.contains(uuid));
            later(
                    () -> {
                        sizeBytes = oneIn(3) ? sizeBytes : newBytes;
                        apply(
                                sizeBytes == newBytes
                                        ? new DiskLifeInput.Grown(newBytes)
                                        : new DiskLifeInput.Failed("no space"));
                    });
        }

        @Override
        public void stop() {
            String image = path;
            assertNotNull(image, "nothing to stop");
            path = null;
            later(
                    () -> {
                        backends.remove(uuid);
                        assertEquals(uuid, openImages.remove(image), "closed twice");
                        apply(new DiskLifeInput.Ended(oneIn(8) ? "no flush" : null));
                    });
        }

        @Override
        public void hurry(long ticket) {
            later(() -> apply(new DiskLifeInput.Overdue(ticket)));
        }

        private Asked answered(long ticket) {
            Asked asked = unanswered.remove(ticket);
            assertNotNull(asked, "answered twice");
            answers++;
            return asked;
        }

        @Override
        public void answer(long ticket, RegisteredDisk disk) {
            Wish wish = answered(ticket).wish();
            RegisteredDisk now = registered(uuid);
            assertEquals(wish instanceof Wish.Forget ? null : now, now, "true");
            if (wish instanceof Wish.Eject) {
                assertEquals(DiskState.FREE, disk.state());
            } else if (wish instanceof Wish.Create || wish instanceof Wish.Insert) {
                assertEquals(DiskState.INSERTED, disk.state());
                assertTrue(shown && backends.contains(uuid), "inserted and not served");
            } else if (wish instanceof Wish.Resize resize) {
                assertEquals(resize.sizeBytes(), DiskKeeping.storage(disk).sizeBytes());
            }
            if (now != null) {
                assertEquals(now, disk, "the answer is what the registry says");
            }
        }

        @Override
        public void refuse(long ticket, String why) {
            Wish wish = answered(ticket).wish();
            assertFalse(why.isEmpty());
            if (wish instanceof Wish.Create
                    && core.stage() != DiskStage.LEAVING
                    && core.stage() != DiskStage.SETTLING
                    && !why.equals(DiskTexts.UNANSWERED)
                    && !ending) {
                assertNull(
                        registered(uuid), "a create that was refused has left something: " + why);
            }
            RegisteredDisk now = registered(uuid);
            if (why.equals(DiskTexts.NODE_ENDS)
                    && core.stage() == DiskStage.ABSENT
                    && !startFailed) {
                assertFalse(
                        now != null && now.state() == DiskState.RESERVED,
                        "refused, and served at the next start");
            }
            if (wish instanceof Wish.Begin) {
                startFailed = true;
            }
        }
    }
}
