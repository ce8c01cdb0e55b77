package io.chainring.ring.simulation;

import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.FrontendCore;
import io.chainring.ring.frontend.LocalRing;
import io.chainring.ring.frontend.RingShape;
import io.chainring.ring.transport.Outstanding;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One ring as its supervisor holds it, and the frontend that lives on it. */
final class SimRing extends LocalRing {
    private final World world;
    final SimClient client;
    boolean closing;
    boolean attached;
    boolean frontendAlive = true;

    /** The supervisor knows that it is dead. */
    boolean frontendGone;

    private @Nullable SimBackend backend;

    SimRing(World world, long ringId, SimClient client) {
        super(ringId, new FrontendCore(new RingShape(world.settings.ringDescriptors(), 1 << 20)));
        this.world = world;
        this.client = client;
    }

    String frontendName() {
        return "frontend-" + ringId();
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

    void die() {
        frontendAlive = false;
        world.scheduler.dropTo(frontendName());
        world.scheduler.send(
                frontendName(),
                "supervisor",
                () -> "Terminated",
                () -> world.supervisor.frontendDied(this));
    }

    void introduce(SimBackend asking, long epoch) {
        backend = asking;
        takeCompletions();
        Outstanding outstanding = core().introduce();
        world.scheduler.send(
                frontendName(),
                "supervisor",
                () -> "Introduced " + ringId() + " with " + outstanding.count() + " outstanding",
                () -> world.supervisor.introduced(this, epoch, outstanding));
    }

    void submit(List<BlockRequest> batch) {
        boolean kick = core().submit(batch);
        SimBackend present = backend;
        if (kick && present != null) {
            world.toBackend(frontendName(), present.name(), () -> "Kick", core -> core.kick());
        }
        if (core().hasRefused()) {
            takeCompletions();
        }
    }

    void takeCompletions() {
        List<BlockRequest> completed = new ArrayList<>();
        do {
            core().drain(completed);
        } while (core().arm());
        client.completed(completed);
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
