package io.chainring.registry.rules;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.chainring.registry.RegistrySnapshot;
import io.chainring.registry.name.DeviceName;
import io.chainring.registry.name.NameScheme;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A registry without an actor: what is decided is journaled in a list and applied at once. */
public final class RegistryFixture {
    public static final long DAY_MILLIS = Duration.ofDays(1).toMillis();

    public final List<RegistryEvent> journal = new ArrayList<>();
    public RegistrySettings settings;
    public RegistryState state;
    public RegistryCore core;
    public long nowMillis = 1_800_000_000_000L;
    private int requests;

    public RegistryFixture(RegistrySettings settings) {
        this.settings = settings;
        state = new RegistryState(settings);
        core = new RegistryCore(state, settings);
    }

    public static RegistrySettings settings(ReusePolicy policy) {
        return new RegistrySettings(
                policy,
                Duration.ofHours(1),
                List.of(NameScheme.VD, NameScheme.SD, NameScheme.WINDOWS),
                Set.of(DeviceName.parse("vda"), DeviceName.parse("sda")),
                100,
                50);
    }

    /** A disk by number. */
    public static UUID disk(int number) {
        return new UUID(0x1111_2222_3333_4444L, number);
    }

    /** Its name. */
    public static String name(int number) {
        return "disk" + number;
    }

    public RegistryAnswer tell(RegistryRequest request) {
        RegistryCore.Decision decision = core.decide(request, nowMillis);
        if (decision.event() != null) {
            journal.add(decision.event());
            state.apply(decision.event());
        }
        return decision.answer();
    }

    /** Forgets everything but the journal. */
    public void die() {
        reopen(settings);
    }

    public void reopen(RegistrySettings next) {
        settings = next;
        state = new RegistryState(next);
        core = new RegistryCore(state, next);
        journal.forEach(state::apply);
    }

    /** Goes through a snapshot. */
    public void thaw() {
        state = RegistrySnapshot.of(state).thaw(settings);
        core = new RegistryCore(state, settings);
    }

    public String requestId() {
        return "request-" + ++requests;
    }

    public RegistryAnswer insert(int number, @Nullable String deviceName) {
        return tell(
                new RegistryRequest.Insert(disk(number), name(number), deviceName, requestId()));
    }

    public RegistryAnswer create(int number, String path) {
        return tell(
                new RegistryRequest.Insert(
                        disk(number),
                        name(number),
                        null,
                        new DiskStorage(path, 0, 3, name(number)),
                        requestId()));
    }

    public RegistryAnswer eject(int number) {
        return tell(new RegistryRequest.Eject(disk(number), requestId()));
    }

    public RegistryAnswer attached(RegisteredDisk disk) {
        return tell(new RegistryRequest.Attached(disk.uuid(), disk.insertion(), 0));
    }

    public RegistryAnswer detached(RegisteredDisk disk) {
        return tell(new RegistryRequest.Detached(disk.uuid(), disk.insertion()));
    }

    public RegisteredDisk inserted(int number, @Nullable String deviceName) {
        return accepted(attached(accepted(insert(number, deviceName))));
    }

    /** Out, and its name free. */
    public RegisteredDisk away(int number) {
        return accepted(detached(accepted(eject(number))));
    }

    public static RegisteredDisk accepted(RegistryAnswer answer) {
        return assertInstanceOf(RegistryAnswer.Accepted.class, answer).disk();
    }

    public static <T extends Refusal> T refused(Class<T> reason, RegistryAnswer answer) {
        return assertInstanceOf(
                reason, assertInstanceOf(RegistryAnswer.Refused.class, answer).reason());
    }
}
