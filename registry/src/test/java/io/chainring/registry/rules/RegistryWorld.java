package io.chainring.registry.rules;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chainring.registry.RegistryEventCodec;
import io.chainring.registry.RegistrySnapshotCodec;
import io.chainring.registry.name.DeviceName;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Many clients, one registry, and a journal. Requests travel in any order, get lost, and turn up again late; the
 * registry is killed between any two of its steps and then knows what the journal holds, and nothing else. Clients send
 * a request again, with its id, until they have an answer.
 */
final class RegistryWorld {
    /** Between which steps of the registry a kill comes. */
    enum Moment {
        BEFORE_DECIDING,
        DECIDED_NOT_JOURNALED,
        JOURNALED_NOT_APPLIED,
        APPLIED_NOT_ANSWERED,
        ANSWERED
    }

    private static final int CLIENTS = 6;
    private static final int DISKS = 7;
    private static final List<String> NAMES =
            List.of("vdb", "vdc", "vdd", "vde", "sdb", "vda", "C:");

    final Map<Moment, Integer> kills = new EnumMap<>(Moment.class);
    final Map<Class<?>, Integer> refusals = new HashMap<>();
    int repetitions;
    int snapshots;
    private final SplittableRandom random;
    private final RegistrySettings settings;
    final RegistryModel model = new RegistryModel();
    private final List<byte[]> journal = new ArrayList<>();
    private final List<RegistryRequest> network = new ArrayList<>();
    private final List<RegistryRequest.Repeatable> sent = new ArrayList<>();
    private final List<RegistryRequest.@Nullable Repeatable> asking = new ArrayList<>();
    private byte @Nullable [] snapshot;
    private int snapshotAt;
    private RegistryState state;
    private RegistryCore core;
    private long nowMillis = 1_000_000;
    private int nextRequest;

    RegistryWorld(RegistrySettings settings, SplittableRandom random) {
        this.settings = settings;
        this.random = random;
        state = new RegistryState(settings);
        core = new RegistryCore(state, settings);
        for (int i = 0; i < CLIENTS; i++) {
            asking.add(null);
        }
    }

    void run(int steps) {
        for (int i = 0; i < steps; i++) {
            nowMillis += random.nextInt(100) == 0 ? -5_000 : random.nextInt(2_000);
            switch (random.nextInt(10)) {
                case 0, 1, 2 -> ask(random.nextInt(CLIENTS));
                case 3 -> report();
                case 4 -> repeatSomethingOld();
                case 5 -> lookUp();
                default -> handleOne();
            }
        }
        settle();
    }

    /** A client asks, or asks again. */
    private void ask(int client) {
        RegistryRequest.Repeatable request = asking.get(client);
        if (request == null || model.isAnswered(request.requestId())) {
            request = anything();
            asking.set(client, request);
            sent.add(request);
        } else {
            repetitions++;
        }
        if (random.nextInt(8) != 0) {
            network.add(request);
        }
    }

    private RegistryRequest.Repeatable anything() {
        UUID uuid = RegistryFixture.disk(random.nextInt(DISKS));
        RegisteredDisk known = model.disks().get(uuid);
        String diskName = known == null ? diskName() : known.diskName();
        String requestId = "r" + ++nextRequest;
        String name = random.nextInt(3) == 0 ? null : NAMES.get(random.nextInt(NAMES.size()));
        boolean unmade = known != null && known.state() == DiskState.RESERVED && !known.isMade();
        if (unmade && random.nextInt(3) == 0) {
            return new RegistryRequest.Forget(uuid, requestId);
        }
        return switch (random.nextInt(9)) {
            case 0, 1 -> new RegistryRequest.Insert(uuid, diskName, name, requestId);
            // One that is being made, and may be given up before it is.
            case 2, 3 ->
                    new RegistryRequest.Insert(
                            uuid,
                            diskName,
                            name,
                            new DiskStorage("/images/" + uuid, 0, 0, "d"),
                            requestId);
            case 4, 5, 6 -> new RegistryRequest.Eject(uuid, requestId);
            case 7 ->
                    new RegistryRequest.Rename(
                            uuid, random.nextBoolean() ? diskName() : null, name, requestId);
            default -> new RegistryRequest.Forget(uuid, requestId);
        };
    }

    private String diskName() {
        return random.nextInt(6) == 0
                ? NAMES.get(random.nextInt(5))
                : "disk" + random.nextInt(2 * DISKS);
    }

    /** The server of a disk says that it is up, or out; sometimes about an insertion that is over. */
    private void report() {
        UUID uuid = RegistryFixture.disk(random.nextInt(DISKS));
        RegisteredDisk disk = model.disks().get(uuid);
        if (disk != null) {
            long insertion = disk.insertion() - (random.nextInt(6) == 0 ? 1 : 0);
            network.add(
                    disk.state() == DiskState.DETACHING
                            ? new RegistryRequest.Detached(uuid, insertion)
                            : new RegistryRequest.Attached(uuid, insertion, 512));
        }
    }

    private void repeatSomethingOld() {
        if (!sent.isEmpty()) {
            network.add(sent.get(random.nextInt(sent.size())));
            repetitions++;
        }
    }

    private void lookUp() {
        String name = NAMES.get(random.nextInt(NAMES.size()));
        DeviceName device = DeviceName.parse(name);
        LookupAnswer answer = core.lookup(new LookupKey.ByDeviceName(device));
        model.checkFound(device, answer);
        if (answer instanceof LookupAnswer.Found found) {
            // No other disk may be meant by the same text.
            assertEquals(answer, core.lookup(new LookupKey.ByText(name)));
            String identifier = found.disk().identifier().toString();
            assertEquals(answer, core.lookup(new LookupKey.ByText(identifier)));
        }
    }

    /** One request goes through the registry's steps; a kill may come between any two. */
    private void handleOne() {
        if (network.isEmpty()) {
            return;
        }
        RegistryRequest request = network.remove(random.nextInt(network.size()));
        Moment kill =
                random.nextInt(4) == 0
                        ? Moment.values()[random.nextInt(Moment.values().length)]
                        : null;
        handle(request, kill);
        if (kill != null) {
            kills.merge(kill, 1, Integer::sum);
            restart();
        } else if (random.nextInt(20) == 0) {
            snapshot = RegistrySnapshotCodec.encode(state);
            snapshotAt = journal.size();
            snapshots++;
        }
    }

    private void handle(RegistryRequest request, @Nullable Moment kill) {
        if (kill == Moment.BEFORE_DECIDING) {
            return;
        }
        RegistryCore.Decision decision = core.decide(request, nowMillis);
        RegistryEvent event = decision.event();
        model.decided(request, event);
        if (kill == Moment.DECIDED_NOT_JOURNALED) {
            return;
        }
        if (event != null) {
            journal.add(RegistryEventCodec.encode(event));
            model.journaled(event);
        }
        if (kill == Moment.JOURNALED_NOT_APPLIED) {
            return;
        }
        if (event != null) {
            state.apply(event);
        }
        if (kill == Moment.APPLIED_NOT_ANSWERED) {
            return;
        }
        if (decision.answer() instanceof RegistryAnswer.Refused refused) {
            refusals.merge(refused.reason().getClass(), 1, Integer::sum);
        }
        if (request instanceof RegistryRequest.Repeatable repeatable) {
            model.answered(repeatable, decision.answer());
        }
    }

    /** What survives is in the journal, and in a snapshot of a part of it. */
    private void restart() {
        byte[] frozen = snapshot;
        boolean fromSnapshot = frozen != null && random.nextBoolean();
        state =
                fromSnapshot && frozen != null
                        ? RegistrySnapshotCodec.decode(frozen, settings)
                        : new RegistryState(settings);
        for (int i = fromSnapshot ? snapshotAt : 0; i < journal.size(); i++) {
            state.apply(RegistryEventCodec.decode(journal.get(i)));
        }
        core = new RegistryCore(state, settings);
    }

    /** Everybody gets an answer in the end, and the journal alone leads to the same state. */
    private void settle() {
        for (RegistryRequest.Repeatable request : asking) {
            if (request != null) {
                handle(request, null);
            }
        }
        byte[] lived = RegistrySnapshotCodec.encode(state);
        snapshot = null;
        restart();
        assertArrayEquals(lived, RegistrySnapshotCodec.encode(state));
        assertEquals(model.disks().size(), state.diskCount());
        core.list().forEach(disk -> assertEquals(model.disks().get(disk.uuid()), disk));
    }
}
