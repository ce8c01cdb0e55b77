package io.chainring.node.service;

import io.chainring.base.lifecycle.Lifecycle;
import io.chainring.node.service.DiskLifeInput.Accepted;
import io.chainring.node.service.DiskLifeInput.Command;
import io.chainring.node.service.DiskLifeInput.Ended;
import io.chainring.node.service.DiskLifeInput.Erased;
import io.chainring.node.service.DiskLifeInput.Failed;
import io.chainring.node.service.DiskLifeInput.Grown;
import io.chainring.node.service.DiskLifeInput.NodeEnds;
import io.chainring.node.service.DiskLifeInput.Opened;
import io.chainring.node.service.DiskLifeInput.Overdue;
import io.chainring.node.service.DiskLifeInput.Refused;
import io.chainring.node.service.DiskLifeInput.Serves;
import io.chainring.node.service.DiskLifeInput.Unanswered;
import io.chainring.node.service.DiskLifeInput.Wish;
import io.chainring.registry.rules.DiskState;
import io.chainring.registry.rules.DiskStorage;
import io.chainring.registry.rules.RegisteredDisk;
import io.chainring.registry.rules.RegistryRequest;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The life of one disk in a node: what follows from a command, from an outcome, from the end of the node.
 *
 * <p>The registry is the one list of disks, and the only thing of this that outlives the process. So the order of steps is
 * everything: a death between any two of them leaves the registry in a state from which the next start goes on alone.
 *
 * <pre>
 *   create  registry: Reserved, size 0 -> image -> actors serve -> registry: Inserted, with its size -> clients find it
 *   insert  registry: Reserved ---------> image -> actors serve -> registry: Inserted ------------> clients find it
 *   eject   clients do not find it -> none is connected, or force -> registry: Detaching
 *           -> connections closed -> chains in flight finish -> flush, close -> registry: Free
 *   rename  as eject up to the close, but Inserted all the while -> registry: renamed -> as insert
 *   resize  image grows -> backend knows -> registry: the size
 *   forget  Free only: journal erased -> registry
 *
 *   the registry has        at the start
 *   RESERVED, size 0        its create was cut short and never answered: its journal is erased, and it is forgotten; an
 *                           image that was made stays
 *   RESERVED, INSERTED      served, same name, same generation
 *   DETACHING               its eject was cut short; nothing of it runs any more: Free
 *   FREE                    stays away
 * </pre>
 *
 * What runs of it ({@link DiskStage}); in stages with a question mark the registry is being asked:
 *
 * <pre>
 *   ABSENT --> RESERVING? --> OPENING --> STARTING --> ATTACHING? --> SERVING --> WITHDRAWING?
 *     ^           |refused       |failed      |failed      |refused     |  ^            |
 *     |           v              |            |            |            |  +- GROWING   |
 *     |        ABSENT, GONE      |            v            v            v               v
 *     +------- SETTLING? <-------+-------- LEAVING <-----------------------------------+
 *                  |  ^--- ERASING (is to be forgotten)
 *                  +--> GONE (forgotten), OPENING (renamed)
 * </pre>
 *
 * <ul>
 *   <li>Where the registry is asked, its answer is waited for, however long that takes: the question is repeated with its id.
 *       Who gave the command hears after a while that the outcome is not known yet.
 *   <li>A disk is opened only from stages in which nothing of it runs: never two backends of one disk.
 *   <li>Its device name becomes free only in SETTLING, when nothing of it runs.
 *   <li>Whoever gives a command is answered once. One command is carried out at a time; others wait, but not for chains in
 *       flight, nor does the one who is taking the disk away wait for those beyond a limit.
 * </ul>
 *
 * Not thread-safe.
 */
final class DiskLifeCore {
    private final UUID uuid;
    private final DiskLifeEffects effects;
    private final Supplier<String> requestIds;
    private final CommandTurns turns;
    private final Lifecycle<DiskStage> stage;
    private @Nullable RegisteredDisk known;
    private boolean renamed;
    private boolean ran;
    private long sizeBytes;
    private boolean nodeEnds;

    /**
     * @param known what the registry says; null: nothing yet
     * @param requestIds never gives one twice
     */
    DiskLifeCore(
            UUID uuid,
            @Nullable RegisteredDisk known,
            DiskLifeEffects effects,
            Supplier<String> requestIds) {
        this.uuid = uuid;
        this.known = known;
        this.effects = effects;
        this.requestIds = requestIds;
        turns = new CommandTurns(effects);
        stage = DiskStage.LEGAL.startIn(DiskStage.ABSENT, "disk " + uuid);
    }

    DiskStage stage() {
        return stage.state();
    }

    /** What the registry said last; null before it has taken a new disk, and when it knows it no longer. */
    @Nullable RegisteredDisk known() {
        return known;
    }

    /** True from before its journal is erased until the registry has forgotten it, or has refused to. */
    boolean isBeingForgotten() {
        return stage.is(DiskStage.ERASING)
                || (stage.is(DiskStage.SETTLING)
                        && (turns.wish() instanceof Wish.Forget || !disk().isMade()));
    }

    /** True when nothing is under way. */
    boolean isAtRest() {
        return turns.wish() == null && !stage.is(DiskStage.LEAVING);
    }

    RegisteredDisk disk() {
        RegisteredDisk present = known;
        if (present == null) {
            throw new IllegalStateException(stage + ": the registry does not know it");
        }
        return present;
    }

    void apply(DiskLifeInput input) {
        if (input instanceof Command command) {
            accept(command);
        } else if (input instanceof Overdue overdue) {
            overdue(overdue.ticket());
        } else if (input instanceof NodeEnds) {
            nodeEnds = true;
            turns.refuseWaiting(DiskTexts.NODE_ENDS);
        } else {
            outcome(input);
        }
        if (nodeEnds) {
            end();
        }
        for (Command next = turns.next(); next != null; next = turns.next()) {
            accept(next);
        }
    }

    private void end() {
        if (stage.is(DiskStage.STARTING)) {
            turns.problem(DiskTexts.NODE_ENDS);
            leave();
        } else if (stage.is(DiskStage.SERVING)) {
            leave();
        }
    }

    private void accept(Command command) {
        if (nodeEnds) {
            effects.refuse(command.ticket(), DiskTexts.NODE_ENDS);
        } else if (stage.is(DiskStage.GONE)) {
            effects.refuse(command.ticket(), "no disk " + uuid);
        } else if (stage.is(DiskStage.LEAVING)) {
            effects.refuse(command.ticket(), DiskTexts.busy(disk()));
        } else if (turns.isAnsweredEarly()) {
            effects.refuse(command.ticket(), DiskTexts.registryIsAsked(name()));
        } else if (turns.isFull()) {
            effects.refuse(command.ticket(), DiskTexts.tooMany(name(), CommandTurns.WAITING_LIMIT));
        } else if (turns.take(command)) {
            renamed = false;
            ran = false;
            new CommandStart(this, effects).begin(command.wish());
        }
    }

    private String name() {
        RegisteredDisk present = known;
        return present == null ? uuid.toString() : present.diskName();
    }

    /** Nothing of it runs, and it is to get a name. @param storage where it is, should the registry not know it */
    void reserve(String diskName, @Nullable String deviceName, @Nullable DiskStorage storage) {
        stage.to(DiskStage.RESERVING);
        effects.ask(
                new RegistryRequest.Insert(uuid, diskName, deviceName, storage, requestIds.get()));
    }

    /** It serves, and clients find it no longer. */
    void eject() {
        stage.to(DiskStage.WITHDRAWING);
        effects.ask(new RegistryRequest.Eject(uuid, requestIds.get()));
    }

    /** It serves, and is to be larger. */
    void grow(long newBytes) {
        stage.to(DiskStage.GROWING);
        effects.grow(newBytes);
    }

    /** Size with which it was opened, or grew to. */
    long sizeBytes() {
        return sizeBytes;
    }

    private void outcome(DiskLifeInput input) {
        if (input instanceof Accepted accepted) {
            accepted(accepted.disk());
        } else if (input instanceof Refused refused) {
            refused(refused.why());
        } else if (input instanceof Unanswered) {
            turns.answerEarly(DiskTexts.UNANSWERED);
            turns.refuseWaiting(DiskTexts.registryIsAsked(name()));
        } else if (input instanceof Opened opened) {
            opened(opened.sizeBytes());
        } else if (input instanceof Serves) {
            // One that was stopped meanwhile may still say that it serves.
            if (stage.is(DiskStage.STARTING)) {
                attach();
            }
        } else if (input instanceof Grown grown) {
            sizeBytes = grown.sizeBytes();
            attach();
        } else if (input instanceof Failed failed) {
            failed(failed.why());
        } else if (input instanceof Ended ended) {
            ended(ended.failure());
        } else if (input instanceof Erased) {
            stage.to(DiskStage.SETTLING);
            effects.ask(new RegistryRequest.Forget(uuid, requestIds.get()));
        }
    }

    private void opened(long bytes) {
        sizeBytes = bytes;
        if (nodeEnds) {
            turns.problem(DiskTexts.NODE_ENDS);
            leave();
        } else {
            stage.to(DiskStage.STARTING);
            effects.start(disk());
        }
    }

    private void attach() {
        stage.to(DiskStage.ATTACHING);
        effects.ask(new RegistryRequest.Attached(uuid, disk().insertion(), sizeBytes));
    }

    private void accepted(RegisteredDisk disk) {
        known = disk;
        switch (stage.state()) {
            case RESERVING -> {
                if (nodeEnds) {
                    // Who is told that it is not carried out does not find it served at the next
                    // start.
                    turns.problem(DiskTexts.NODE_ENDS);
                    settle();
                } else {
                    open();
                }
            }
            case ATTACHING -> {
                serve();
                done();
            }
            case WITHDRAWING -> leave();
            case SETTLING -> settled();
            default -> throw new IllegalStateException(stage + ": the registry was not asked");
        }
    }

    private void refused(String why) {
        switch (stage.state()) {
            case RESERVING -> {
                stage.to(known == null ? DiskStage.GONE : DiskStage.ABSENT);
                refuse(why);
            }
            case ATTACHING -> {
                turns.problem(why);
                if (turns.wish() instanceof Wish.Resize) {
                    serve();
                    done();
                } else {
                    leave();
                }
            }
            case WITHDRAWING -> {
                serve();
                refuse(why);
            }
            case SETTLING -> notSettled(why);
            default -> throw new IllegalStateException(stage + ": the registry was not asked");
        }
    }

    private void failed(String why) {
        switch (stage.state()) {
            case OPENING -> {
                turns.problem(why);
                afterwards();
            }
            case STARTING -> {
                turns.problem(why);
                leave();
            }
            case GROWING -> {
                turns.problem(why);
                serve();
                done();
            }
            default -> {
                // A start that was stopped meanwhile may still say that it failed.
            }
        }
    }

    private void serve() {
        stage.to(DiskStage.SERVING);
        effects.show(true);
    }

    void leave() {
        ran = true;
        stage.to(DiskStage.LEAVING);
        effects.show(false);
        effects.disconnect();
        effects.stop();
        turns.hurry();
        turns.refuseWaiting(DiskTexts.busy(disk()));
    }

    private void ended(@Nullable String failure) {
        if (failure != null) {
            turns.firstProblem(DiskTexts.notFlushed(disk(), failure));
        }
        afterwards();
    }

    /** Nothing of it runs: what the command leaves to be done in the registry. */
    private void afterwards() {
        Wish wish = turns.wish();
        if (wish == null
                || wish instanceof Wish.Begin
                || (wish instanceof Wish.Rename && nodeEnds)) {
            // The registry says that it is inserted: so it is, at the next start.
            stage.to(DiskStage.ABSENT);
            turns.firstProblem(DiskTexts.NODE_ENDS);
            done();
        } else {
            settle();
        }
    }

    void settle() {
        RegisteredDisk disk = disk();
        Wish wish = turns.wish();
        boolean forgets = wish instanceof Wish.Forget || !disk.isMade();
        if (forgets && !(wish instanceof Wish.Rename && !renamed)) {
            // Its journal first: whatever is in the registry is not taken for left over.
            stage.to(DiskStage.ERASING);
            effects.erase(disk);
            return;
        }
        if (!stage.is(DiskStage.SETTLING)) {
            stage.to(DiskStage.SETTLING);
        }
        if (wish instanceof Wish.Rename rename && !renamed) {
            effects.ask(
                    new RegistryRequest.Rename(
                            uuid, rename.diskName(), rename.deviceName(), requestIds.get()));
        } else if (disk.state() == DiskState.DETACHING) {
            effects.ask(new RegistryRequest.Detached(uuid, disk.insertion()));
        } else {
            effects.ask(new RegistryRequest.Eject(uuid, requestIds.get()));
        }
    }

    private void settled() {
        Wish wish = turns.wish();
        RegisteredDisk disk = disk();
        if (wish instanceof Wish.Rename && !renamed) {
            comeBack();
        } else if (wish instanceof Wish.Forget || !disk.isMade()) {
            stage.to(DiskStage.GONE);
            done();
            known = null;
        } else if (disk.state() == DiskState.FREE) {
            stage.to(DiskStage.ABSENT);
            done();
        } else {
            settle();
        }
    }

    private void notSettled(String why) {
        turns.firstProblem(why);
        if (turns.wish() instanceof Wish.Rename && !renamed) {
            comeBack();
        } else {
            stage.to(DiskStage.ABSENT);
            done();
        }
    }

    /** Under the new name, or, where that was refused, under the old one. */
    private void comeBack() {
        renamed = true;
        if (ran && !nodeEnds) {
            open();
        } else {
            stage.to(DiskStage.ABSENT);
            done();
        }
    }

    void open() {
        Wish wish = turns.wish();
        long wanted =
                wish instanceof Wish.Begin begin
                        ? begin.sizeBytes()
                        : wish instanceof Wish.Create create
                                ? create.sizeBytes()
                                : wish instanceof Wish.Insert insert ? insert.sizeBytes() : 0;
        stage.to(DiskStage.OPENING);
        effects.open(disk(), wanted);
    }

    private void overdue(long ticket) {
        if (stage.is(DiskStage.LEAVING)) {
            turns.answerEarly(ticket, DiskTexts.stillThere(disk(), effects.inFlight()));
        }
    }

    void done() {
        turns.finish(known);
    }

    void refuse(String why) {
        turns.problem(why);
        done();
    }
}
