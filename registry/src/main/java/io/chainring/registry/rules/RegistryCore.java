package io.chainring.registry.rules;

import io.chainring.registry.name.DeviceName;
import io.chainring.registry.name.Shown;
import io.chainring.registry.rules.RegistryAnswer.Accepted;
import io.chainring.registry.rules.RegistryAnswer.Refused;
import io.chainring.registry.rules.RegistryEvent.RequestMark;
import io.chainring.registry.rules.RegistryRequest.Repeatable;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The registry's decisions, without Pekko, clocks or files: which disk gets which name.
 *
 * <p>The method is that of US 2018/0188990 A1, "Inserting a disk": UUID to device name, device name to drive letter
 * value, both into an identifier; and a name that is allocated to a different disk is not given. What it leaves open is
 * what a server must also promise to people who have many disks and machines that die:
 *
 * <ul>
 *   <li><b>One name, one disk.</b> From Reserved until Free a name belongs to one disk ({@link DiskState}). No answer
 *       gives a disk another name than the one that it asked for, or had.
 *   <li><b>A name that a disk was renamed from stays its own</b> until that disk goes: who has it open may call it so.
 *   <li><b>A name's generation rises with every holder</b>, so an identifier of an earlier one is recognised.
 *   <li><b>Decided once.</b> Every request with an id leads to one event, refusals too, and to the answer of that event
 *       for as long as the id is remembered. The event is journaled before the answer is given, so a death in between
 *       costs a repetition and nothing else, and a late copy of a refused request is refused.
 *   <li><b>One text, one disk.</b> What a disk is called never reads as the key of another disk.
 * </ul>
 *
 * <p>Use: {@link #decide}, then journal the event and {@link RegistryState#apply apply} it, then give the answer; one
 * request at a time.
 */
public final class RegistryCore {
    private final RegistryState state;
    private final RegistrySettings settings;
    private final NameChoice names;
    private final DiskFinder finder;

    /**
     * What follows from a request.
     *
     * @param event to journal and to apply before the answer is given; null when nothing has to be remembered
     * @param answer to give
     */
    public record Decision(@Nullable RegistryEvent event, RegistryAnswer answer) {}

    /** Decides about a state that its owner keeps up to date. */
    public RegistryCore(RegistryState state, RegistrySettings settings) {
        this.state = state;
        this.settings = settings;
        names = new NameChoice(state, settings);
        finder = new DiskFinder(state);
    }

    /**
     * Decides about a request. Changes nothing that is journaled.
     *
     * @param request from anybody; all of it is checked
     * @param nowMillis ms since 1970; a clock that went back counts as one that stood still
     */
    public Decision decide(RegistryRequest request, long nowMillis) {
        RequestMark mark = null;
        if (request instanceof Repeatable repeatable) {
            String wrong = RegistryNames.wrongRequestId(repeatable.requestId());
            if (wrong != null) {
                return new Decision(null, new Refused(new Refusal.Incompatible(wrong)));
            }
            long fingerprint = AnsweredRequests.fingerprint(repeatable);
            AnsweredRequests.Answered before = state.answered().get(repeatable.requestId());
            if (before != null) {
                return new Decision(null, again(repeatable, fingerprint, before));
            }
            mark = new RequestMark(repeatable.requestId(), fingerprint);
        }
        long now = Math.max(nowMillis, state.latestMillis());
        state.names().expire(now);
        RegistryAnswer answer = judge(request, now);
        return new Decision(event(request, mark, answer), answer);
    }

    private static RegistryAnswer again(
            Repeatable request, long fingerprint, AnsweredRequests.Answered before) {
        return before.fingerprint() == fingerprint
                ? before.answer()
                : new Refused(new Refusal.RequestIdReused(request.requestId()));
    }

    private @Nullable RegistryEvent event(
            RegistryRequest request, @Nullable RequestMark mark, RegistryAnswer answer) {
        if (answer instanceof Accepted accepted) {
            RegisteredDisk disk = accepted.disk();
            if (request instanceof RegistryRequest.Forget) {
                return new RegistryEvent.DiskForgotten(mark, disk);
            }
            boolean changed = !disk.equals(state.disk(disk.uuid()));
            return changed || mark != null ? new RegistryEvent.DiskSet(mark, disk) : null;
        }
        return mark != null && answer instanceof Refused refused
                ? new RegistryEvent.RequestRefused(mark, refused.reason())
                : null;
    }

    private RegistryAnswer judge(RegistryRequest request, long now) {
        RegisteredDisk disk = state.disk(request.uuid());
        if (request instanceof RegistryRequest.Insert insert) {
            return insert(insert, disk, now);
        }
        if (disk == null) {
            return refused(new Refusal.UnknownDisk(request.uuid()));
        }
        if (request instanceof RegistryRequest.Attached attached) {
            return attached(attached, disk, now);
        }
        if (request instanceof RegistryRequest.Locate locate) {
            DiskStorage there = disk.storage();
            return located(
                    disk,
                    there == null ? locate.storage() : there.at(locate.storage().path()),
                    now);
        }
        if (request instanceof RegistryRequest.Detached detached) {
            return reported(disk, detached.insertion(), DiskState.FREE, now);
        }
        if (request instanceof RegistryRequest.Rename rename) {
            return rename(rename, disk, now);
        }
        if (request instanceof RegistryRequest.Eject) {
            boolean leaves = disk.state().mayBecome(DiskState.DETACHING);
            return new Accepted(leaves ? to(disk, DiskState.DETACHING, now) : disk);
        }
        boolean undone = disk.state() == DiskState.RESERVED && !disk.isMade();
        return disk.state().holdsName() && !undone
                ? refused(new Refusal.WrongState(disk))
                : new Accepted(disk);
    }

    private static RegistryAnswer attached(
            RegistryRequest.Attached request, RegisteredDisk disk, long now) {
        RegistryAnswer answer = reported(disk, request.insertion(), DiskState.INSERTED, now);
        DiskStorage storage = disk.storage();
        if (!(answer instanceof Accepted) || storage == null) {
            return answer;
        }
        DiskStorage served = storage.served(request.sizeBytes());
        return served.equals(storage)
                ? answer
                : new Accepted(disk.with(DiskState.INSERTED, now, served));
    }

    private RegistryAnswer located(RegisteredDisk disk, DiskStorage storage, long now) {
        Refusal taken = imageTaken(storage, disk.uuid());
        return taken == null ? new Accepted(disk.with(disk.state(), now, storage)) : refused(taken);
    }

    /** Why a disk cannot be there; null when it can. */
    private @Nullable Refusal imageTaken(DiskStorage storage, UUID uuid) {
        for (RegisteredDisk other : state.inOrder()) {
            DiskStorage there = other.storage();
            if (there != null
                    && !other.uuid().equals(uuid)
                    && there.path().equals(storage.path())) {
                return new Refusal.Incompatible(
                        "disk image %s belongs to disk %s already; one disk per image"
                                .formatted(Shown.text(storage.path()), other.diskName()));
            }
        }
        return null;
    }

    private RegistryAnswer insert(
            RegistryRequest.Insert request, @Nullable RegisteredDisk disk, long now) {
        Refusal unfit =
                disk == null
                        ? newcomer(request)
                        : disk.diskName().equals(request.diskName())
                                ? null
                                : otherwiseCalled(disk, request.diskName());
        if (unfit != null) {
            return refused(unfit);
        }
        DeviceName asked = null;
        if (request.requestedName() != null) {
            asked = DeviceName.tryParse(request.requestedName());
            if (asked == null) {
                return refused(NameChoice.malformed(request.requestedName()));
            }
        }
        if (disk != null && disk.state().holdsName()) {
            return present(disk, asked);
        }
        DeviceName name = asked != null ? asked : names.byPolicy(disk);
        if (name == null) {
            return refused(names.exhausted());
        }
        Refusal taken = names.refusal(name, request.uuid());
        if (taken != null) {
            return refused(taken);
        }
        return new Accepted(
                new RegisteredDisk(
                        request.uuid(),
                        request.diskName(),
                        name,
                        state.names().generation(name) + 1,
                        DiskState.RESERVED,
                        state.nextInsertion(),
                        now,
                        disk == null ? request.storage() : disk.storage()));
    }

    private @Nullable Refusal newcomer(RegistryRequest.Insert request) {
        if (state.diskCount() >= settings.diskLimit()) {
            return new Refusal.Exhausted(Refusal.Resource.DISKS, settings.diskLimit());
        }
        Refusal called = names.diskNameRefusal(request.diskName(), request.uuid());
        DiskStorage storage = request.storage();
        return called != null || storage == null ? called : imageTaken(storage, request.uuid());
    }

    private static Refusal otherwiseCalled(RegisteredDisk disk, String diskName) {
        return new Refusal.Incompatible(
                "disk %s is called %s, not %s; rename it"
                        .formatted(disk.uuid(), disk.diskName(), Shown.text(diskName)));
    }

    /** The disk is there already: the same answer again, unless it now asks for something else. */
    private static RegistryAnswer present(RegisteredDisk disk, @Nullable DeviceName asked) {
        if (disk.state() == DiskState.DETACHING) {
            return refused(new Refusal.WrongState(disk));
        }
        if (asked != null && !asked.equals(disk.deviceName())) {
            return refused(
                    new Refusal.Incompatible(
                            "disk %s has the name %s already, not %s; rename it"
                                    .formatted(disk.diskName(), disk.deviceName(), asked)));
        }
        return new Accepted(disk);
    }

    /** A word about an insertion that is over, or out of turn, changes nothing. */
    private static RegistryAnswer reported(
            RegisteredDisk disk, long insertion, DiskState next, long now) {
        return disk.insertion() == insertion && disk.state().mayBecome(next)
                ? new Accepted(to(disk, next, now))
                : refused(new Refusal.WrongState(disk));
    }

    private RegistryAnswer rename(RegistryRequest.Rename request, RegisteredDisk disk, long now) {
        String diskName = request.diskName() == null ? disk.diskName() : request.diskName();
        if (!diskName.equals(disk.diskName())) {
            Refusal taken = names.diskNameRefusal(diskName, disk.uuid());
            if (taken != null) {
                return refused(taken);
            }
        }
        DeviceName name = disk.deviceName();
        int generation = disk.generation();
        if (request.deviceName() != null) {
            DeviceName asked = DeviceName.tryParse(request.deviceName());
            if (asked == null) {
                return refused(NameChoice.malformed(request.deviceName()));
            }
            if (disk.state() != DiskState.RESERVED && disk.state() != DiskState.INSERTED) {
                return refused(new Refusal.WrongState(disk));
            }
            if (!asked.equals(name)) {
                Refusal taken = names.refusal(asked, disk.uuid());
                if (taken != null) {
                    return refused(taken);
                }
                name = asked;
                generation = state.names().generation(asked) + 1;
            }
        }
        boolean same = diskName.equals(disk.diskName()) && name.equals(disk.deviceName());
        return new Accepted(
                same
                        ? disk
                        : new RegisteredDisk(
                                disk.uuid(),
                                diskName,
                                name,
                                generation,
                                disk.state(),
                                disk.insertion(),
                                now,
                                disk.storage()));
    }

    private static RegisteredDisk to(RegisteredDisk disk, DiskState next, long now) {
        return disk.state() == next ? disk : disk.in(next, now);
    }

    private static Refused refused(Refusal reason) {
        return new Refused(reason);
    }

    /** Finds a disk by any key. */
    public LookupAnswer lookup(LookupKey key) {
        return finder.find(key);
    }

    /** Every disk, by disk name. */
    public List<RegisteredDisk> list() {
        return state.inOrder();
    }
}
