package io.chainring.simulation.world;

import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.FrontendCommand;
import io.chainring.ring.frontend.FrontendCore;
import io.chainring.ring.frontend.LocalRing;
import io.chainring.ring.frontend.RingShape;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.supervise.SupervisorInput;
import io.chainring.ring.transport.Outstanding;
import io.chainring.simulation.history.DiskOp;
import io.chainring.simulation.mirror.ChainId;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One ring as its supervisor holds it, and the frontend that lives on it. */
final class SimRing extends LocalRing {
    private final World world;
    final RingOwner client;
    private final String frontendName;
    final UsedRingWatch watch;
    boolean frontendAlive = true;

    /** Its client was told that nobody answers any more. */
    boolean givenUp;

    /** Its client does not listen any more. */
    boolean left;

    /** What the client asked for and was given up or left: it may still have an effect. */
    final List<DiskOp> unanswered = new ArrayList<>();

    private @Nullable SimBackend backend;

    SimRing(World world, long ringId, RingOwner client) {
        super(ringId, new FrontendCore(new RingShape(world.settings.ringDescriptors(), 1 << 20)));
        this.world = world;
        this.client = client;
        this.frontendName = "frontend-" + ringId;
        this.watch = new UsedRingWatch(this);
    }

    String frontendName() {
        return frontendName;
    }

    /** Puts a message into the frontend's mailbox. What a hostile ring makes of its own frontend is its death. */
    void tellFrontend(String from, Supplier<String> label, Runnable action) {
        world.scheduler.send(
                from,
                frontendName(),
                label,
                () -> {
                    if (frontendAlive) {
                        guarded(action);
                    }
                });
    }

    void guarded(Runnable action) {
        if (!client.isHostile()) {
            action.run();
            return;
        }
        try {
            action.run();
        } catch (RuntimeException e) {
            world.scheduler.trace(() -> "hostile frontend " + ringId() + " died of " + e);
            die();
        }
    }

    /** It ends, of whatever; the supervisor hears of it. */
    void die() {
        end();
        world.supervisor.tell(frontendName() + "/end", new SupervisorInput.FrontendEnded(ringId()));
    }

    void end() {
        frontendAlive = false;
        world.scheduler.dropTo(frontendName());
    }

    void introduce(SimBackend asking, long epoch) {
        backend = asking;
        takeCompletions();
        Outstanding outstanding = core().introduce();
        world.supervisor.tell(
                frontendName(),
                new SupervisorInput.Introduced(
                        new FrontendCommand.Introduced(ringId(), epoch, outstanding)));
    }

    void giveUp() {
        takeCompletions();
        List<BlockRequest> ended = new ArrayList<>();
        core().giveUp(ChainStatus.IOERR, ended);
        givenUp = true;
        client.gaveUp(this, ended);
    }

    void submit(List<BlockRequest> batch) {
        boolean kick = core().submit(batch);
        SimBackend present = backend;
        if (kick && present != null) {
            world.toBackend(frontendName(), present.name(), () -> "Kick", core -> core.turn());
        }
        if (core().hasRefused()) {
            takeCompletions();
        }
    }

    void takeCompletions() {
        if (givenUp) {
            return;
        }
        List<BlockRequest> completed = new ArrayList<>();
        do {
            core().drain(completed);
        } while (core().arm());
        client.completed(this, completed);
    }

    void forEachOutstanding(Consumer<ChainId> each) {
        Outstanding outstanding = core().introduce();
        for (int i = 0; i < outstanding.count(); i++) {
            each.accept(
                    new ChainId(ringId(), outstanding.heads()[i], outstanding.generations()[i]));
        }
    }

    @Override
    public void inform() {
        world.checks.informs();
        tellFrontend("device", () -> "Inform", this::takeCompletions);
    }
}
