package io.chainring.node.service;

import io.chainring.base.files.FileIdentity;
import io.chainring.gateway.nbd.NbdServer;
import io.chainring.host.store.BlockStore;
import io.chainring.node.StartException;
import io.chainring.node.control.DiskEntry;
import io.chainring.node.control.DiskRefusedException;
import io.chainring.node.disk.Disk;
import io.chainring.node.disk.DiskStatus;
import io.chainring.registry.rules.DiskStorage;
import io.chainring.registry.rules.RegisteredDisk;
import io.chainring.registry.rules.RegistryRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.Done;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One disk that the node knows: the shell that carries out what {@link DiskLifeCore} decides, on the thread of the disk
 * commands, and tells it what came of it. It decides nothing.
 *
 * <p>Whatever fails here becomes an input of the core or the answer of a command: nobody waits for something that was only
 * logged.
 */
final class DiskLife implements DiskLifeEffects {
    private static final Logger LOG = LoggerFactory.getLogger(DiskLife.class);

    private final UUID uuid;
    private final @Nullable DiskStorage planned;
    private final DiskKeeping keeping;
    private final DiskLifeCore core;
    private final Map<Long, CompletableFuture<DiskEntry>> answers = new HashMap<>();
    private final CompletableFuture<Done> serves = new CompletableFuture<>();
    private volatile @Nullable RegisteredDisk known;
    private volatile @Nullable BlockStore image;
    private volatile @Nullable FileIdentity madeImage;
    private volatile @Nullable Disk disk;
    private volatile boolean shown;
    private volatile boolean beingForgotten;
    private volatile CompletableFuture<@Nullable Disk> launching =
            CompletableFuture.completedFuture(null);
    private long tickets;
    private boolean broken;
    private volatile boolean ending;
    private volatile @Nullable Throwable notClosed;

    /** Of a disk that the registry knows so. */
    DiskLife(RegisteredDisk known, DiskKeeping keeping) {
        this(known.uuid(), known, null, keeping);
    }

    /** Of one that is to be made. @param planned where */
    DiskLife(UUID uuid, DiskStorage planned, DiskKeeping keeping) {
        this(uuid, null, planned, keeping);
    }

    private DiskLife(
            UUID uuid,
            @Nullable RegisteredDisk known,
            @Nullable DiskStorage planned,
            DiskKeeping keeping) {
        this.uuid = uuid;
        this.planned = planned;
        this.keeping = keeping;
        this.known = known;
        core = new DiskLifeCore(uuid, known, this, () -> UUID.randomUUID().toString());
    }

    UUID uuid() {
        return uuid;
    }

    /** What the registry said last of a disk whose making is complete; null otherwise. Any thread. */
    @Nullable RegisteredDisk registered() {
        RegisteredDisk present = known;
        return present != null && present.isMade() ? present : null;
    }

    /** True when it may be gone from the registry before anybody hears of it. Any thread. */
    boolean isBeingForgotten() {
        return beingForgotten;
    }

    /** Where it is, or is to be; null: nobody has said so. Any thread. */
    DiskPlaces.@Nullable Placed placed() {
        RegisteredDisk present = known;
        DiskStorage storage = present == null ? planned : present.storage();
        return storage == null
                ? null
                : new DiskPlaces.Placed(storage, present == null || present.state().holdsName());
    }

    /** Gives the command that makes a disk which is to be made. @param deviceName null: by the registry's policy */
    CompletableFuture<DiskEntry> create(
            String diskName, @Nullable String deviceName, long sizeBytes) {
        return command(
                new DiskLifeInput.Wish.Create(
                        diskName, deviceName, Objects.requireNonNull(planned), sizeBytes));
    }

    /** The disk while its actors run. Any thread. */
    @Nullable Disk disk() {
        return disk;
    }

    /** True when clients find it. Any thread. */
    boolean isShown() {
        return shown;
    }

    CompletableFuture<Done> serves() {
        return serves;
    }

    /** Complete when nothing of the present disk runs any more; fails when the node's end did not close it well. Any thread. */
    CompletableFuture<?> ended() {
        Throwable failure = notClosed;
        if (failure != null) {
            return CompletableFuture.failedFuture(failure);
        }
        Disk present = disk;
        return present == null
                ? CompletableFuture.completedFuture(Done.getInstance())
                : present.ended();
    }

    /** True when an export of that name is this disk: by its name, its UUID or its device name. Any thread. */
    boolean isCalled(String name) {
        RegisteredDisk present = registered();
        return present != null
                && (present.diskName().equals(name)
                        || present.uuid().toString().equalsIgnoreCase(name)
                        || (present.state().holdsName()
                                && present.deviceName().toString().equals(name)));
    }

    /** Gives a command; the answer fails with {@link DiskRefusedException}. Any thread. */
    CompletableFuture<DiskEntry> command(DiskLifeInput.Wish wish) {
        CompletableFuture<DiskEntry> answer = new CompletableFuture<>();
        keeping.threads()
                .step(
                        () -> {
                            if (broken) {
                                answer.completeExceptionally(
                                        new DiskRefusedException(
                                                "a command of this disk has gone wrong, the log says"
                                                        + " how; restart the node"));
                                return;
                            }
                            if (keeping.isEnding()) {
                                answer.completeExceptionally(
                                        new DiskRefusedException(DiskTexts.NODE_ENDS));
                                return;
                            }
                            long ticket = ++tickets;
                            answers.put(ticket, answer);
                            apply(new DiskLifeInput.Command(ticket, wish));
                        },
                        answer);
        return answer;
    }

    /** The node ends. On the thread of the disk commands. */
    void nodeEnds() {
        ending = true;
        apply(new DiskLifeInput.NodeEnds());
    }

    boolean isAtRest() {
        return broken || core.isAtRest();
    }

    private void tell(DiskLifeInput input) {
        keeping.threads().step(() -> apply(input), null);
    }

    private void apply(DiskLifeInput input) {
        try {
            core.apply(input);
        } catch (RuntimeException e) {
            LOG.error("{} goes wrong in stage {}", input, core.stage(), e);
            broken = true;
            answers.values().forEach(each -> each.completeExceptionally(e));
            answers.clear();
        } finally {
            known = core.known();
            beingForgotten = core.isBeingForgotten();
            keeping.changed(this, core.stage() == DiskStage.GONE);
        }
    }

    @Override
    public void ask(RegistryRequest request) {
        var unused =
                keeping.registry()
                        .tell(request, () -> tell(new DiskLifeInput.Unanswered()))
                        .whenComplete(
                                (accepted, failure) ->
                                        tell(
                                                failure == null
                                                        ? new DiskLifeInput.Accepted(accepted)
                                                        : new DiskLifeInput.Refused(
                                                                reason(failure))));
    }

    /** Does something that may block; its outcome is an input, whatever it is. */
    private void work(Work work) {
        try {
            keeping.threads().work(() -> outcome(work));
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            tell(new DiskLifeInput.Failed(reason(e)));
        }
    }

    private void outcome(Work work) {
        DiskLifeInput outcome;
        try {
            outcome = work.run();
        } catch (Throwable e) {
            outcome = new DiskLifeInput.Failed(reason(e));
        }
        if (outcome != null) {
            tell(outcome);
        }
    }

    private interface Work {
        @Nullable DiskLifeInput run() throws Exception;
    }

    @Override
    public void open(RegisteredDisk registered, long sizeBytes) {
        work(
                () -> {
                    Path path = Path.of(DiskKeeping.storage(registered).path());
                    boolean isThere = Files.exists(path, LinkOption.NOFOLLOW_LINKS);
                    BlockStore opened =
                            keeping.images().open(registered, sizeBytes, keeping.registered());
                    madeImage = isThere ? null : FileIdentity.ofExisting(path);
                    image = opened;
                    return new DiskLifeInput.Opened(opened.capacityBytes());
                });
    }

    @Override
    public void start(RegisteredDisk registered) {
        CompletableFuture<@Nullable Disk> launched = new CompletableFuture<>();
        launching = launched;
        work(
                () -> {
                    Disk started = null;
                    try {
                        started =
                                keeping.launcher()
                                        .launch(registered, Objects.requireNonNull(image));
                        disk = started;
                    } finally {
                        launched.complete(started);
                    }
                    awaitServing(started);
                    return null;
                });
    }

    private void awaitServing(Disk started) {
        var unused =
                keeping.launcher()
                        .serving(started)
                        .whenComplete(
                                (done, failure) -> {
                                    if (failure != null) {
                                        serves.completeExceptionally(failure);
                                        tell(new DiskLifeInput.Failed(reason(failure)));
                                    } else {
                                        serves.complete(done);
                                        var later =
                                                keeping.admitted()
                                                        .thenRun(
                                                                () ->
                                                                        tell(
                                                                                new DiskLifeInput
                                                                                        .Serves()));
                                    }
                                });
    }

    @Override
    public void show(boolean toClients) {
        shown = toClients;
    }

    @Override
    public int clients() {
        NbdServer server = keeping.gateway();
        Disk present = disk;
        return server == null || present == null ? 0 : server.connections(present.service());
    }

    @Override
    public void disconnect() {
        NbdServer server = keeping.gateway();
        Disk present = disk;
        if (server != null && present != null) {
            server.disconnect(present.service());
        }
    }

    @Override
    public int inFlight() {
        Disk present = disk;
        return present == null ? 0 : present.status().inFlight();
    }

    @Override
    public void grow(long sizeBytes) {
        Disk present = disk;
        work(
                () -> {
                    if (present == null) {
                        throw new IllegalStateException("it does not run");
                    }
                    try {
                        var unused =
                                present.grow(sizeBytes)
                                        .whenComplete(
                                                (done, failure) ->
                                                        tell(grown(present, sizeBytes, failure)));
                        return null;
                    } catch (IOException e) {
                        throw new DiskRefusedException(
                                "disk %s cannot be made larger: %s"
                                        .formatted(present.name(), e.getMessage()),
                                e);
                    }
                });
    }

    private static DiskLifeInput grown(Disk disk, long sizeBytes, @Nullable Throwable failure) {
        return failure == null
                ? new DiskLifeInput.Grown(sizeBytes)
                : new DiskLifeInput.Failed(
                        String.format(
                                "disk %s has %s bytes now, but its backend has not taken note; ask "
                                        + "again when it serves",
                                disk.name(), disk.capacityBytes()));
    }

    @Override
    public void stop() {
        var unused =
                launching
                        .thenCompose(
                                started ->
                                        started == null
                                                ? keeping.threads().closing(image)
                                                : started.stop())
                        .whenComplete((done, failure) -> stopped(failure));
    }

    private void stopped(@Nullable Throwable failure) {
        if (failure != null) {
            LOG.error("The image of a disk was not closed well", failure);
            notClosed = ending ? failure : null;
        }
        Disk last = disk;
        if (last != null) {
            keeping.launcher().hide(last);
        }
        launching = CompletableFuture.completedFuture(null);
        disk = null;
        image = null;
        tell(new DiskLifeInput.Ended(failure == null ? null : reason(failure)));
    }

    @Override
    public void erase(RegisteredDisk registered) {
        try {
            keeping.threads()
                    .work(
                            () -> {
                                keeping.launcher().erase(registered);
                                removeImage(registered);
                                tell(new DiskLifeInput.Erased());
                            });
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            LOG.warn("The journal of disk {} was not erased", registered.diskName(), e);
            tell(new DiskLifeInput.Erased());
        }
    }

    /** Of a disk whose making is refused, if it was made for it: no client has ever seen it. */
    private void removeImage(RegisteredDisk registered) {
        FileIdentity made = madeImage;
        if (registered.isMade() || made == null) {
            return;
        }
        Path path = Path.of(DiskKeeping.storage(registered).path());
        try {
            if (made.isAt(path)) {
                Files.delete(path);
            }
        } catch (IOException e) {
            LOG.warn("{} was made for a disk that there is not, and stays: {}", path, e.toString());
        }
    }

    @Override
    public void hurry(long ticket) {
        CompletableFuture.delayedExecutor(keeping.stopLimit().toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> tell(new DiskLifeInput.Overdue(ticket)));
    }

    @Override
    public void answer(long ticket, RegisteredDisk registered) {
        known = core.known();
        keeping.changed(this, core.stage() == DiskStage.GONE);
        CompletableFuture<DiskEntry> answer = answers.remove(ticket);
        if (answer != null) {
            try {
                answer.complete(entry(registered));
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        }
    }

    @Override
    public void refuse(long ticket, String why) {
        known = core.known();
        keeping.changed(this, core.stage() == DiskStage.GONE);
        CompletableFuture<DiskEntry> answer = answers.remove(ticket);
        if (answer != null) {
            answer.completeExceptionally(new DiskRefusedException(why));
        }
    }

    /** What the registry and the running disk say, as one entry. Any thread. */
    DiskEntry entry(RegisteredDisk registered) {
        boolean holds = registered.state().holdsName();
        String deviceName = registered.deviceName().toString();
        Disk present = disk;
        DiskStatus status = present == null ? null : present.status();
        var storage = DiskKeeping.storage(registered);
        return new DiskEntry(
                registered.diskName(),
                registered.uuid().toString(),
                holds ? deviceName : null,
                holds ? registered.deviceName().value() : null,
                holds ? registered.identifier().toString() : null,
                registered.generation(),
                registered.state().name().toLowerCase(Locale.ROOT),
                holds ? null : deviceName,
                status == null ? "" : status.state(),
                clients(),
                status == null ? 0 : status.inFlight(),
                storage.path(),
                status == null ? storage.sizeBytes() : status.sizeBytes(),
                storage.journal());
    }

    /** One line of what went wrong. */
    private static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        boolean ours = cause instanceof StartException || cause instanceof DiskRefusedException;
        if (!ours) {
            LOG.warn("A step of a disk command has failed", cause);
        }
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }
}
