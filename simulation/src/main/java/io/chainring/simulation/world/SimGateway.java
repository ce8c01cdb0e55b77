package io.chainring.simulation.world;

import io.chainring.gateway.nbd.connection.DiskTurnsCore;
import io.chainring.gateway.nbd.connection.DiskTurnsCore.Act;
import io.chainring.gateway.nbd.connection.DiskTurnsCore.Effect;
import io.chainring.gateway.nbd.connection.DiskTurnsCore.Input;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The connections of the disk and their real turns ({@link DiskTurnsCore}), without sockets. */
final class SimGateway {
    /** Its name as a sender: what it tells the supervisor stays in order. */
    static final String NAME = "gateway";

    private final World world;
    private final List<SimConnection> connections = new ArrayList<>();
    private final ArrayDeque<Runnable> inputs = new ArrayDeque<>();
    private DiskTurnsCore<SimConnection> turns = new DiskTurnsCore<>();
    private boolean busy;

    SimGateway(World world) {
        this.world = world;
    }

    void accept(SimConnection connection) {
        connections.add(connection);
    }

    /** What comes in meanwhile, out of effects, waits for its turn. */
    void apply(Input input, @Nullable SimConnection who) {
        inputs.add(() -> turns.apply(input, who).forEach(this::perform));
        if (busy) {
            return;
        }
        busy = true;
        for (Runnable next = inputs.poll(); next != null; next = inputs.poll()) {
            next.run();
        }
        busy = false;
    }

    private void perform(Effect<SimConnection> effect) {
        SimConnection who = effect.who();
        if (who == null) {
            world.scheduler.send("timer", NAME, () -> "settled", this::settled);
        } else if (effect.act() == Act.READ) {
            boolean readable = world.chance(750);
            if (readable) {
                who.readArrived();
            }
            apply(readable ? Input.READ : Input.UNREADABLE, who);
        } else if (effect.act() == Act.OPEN) {
            who.turn();
        }
    }

    private void settled() {
        List.copyOf(connections).forEach(SimConnection::readArrived);
        apply(Input.SETTLED, null);
    }

    void supervisorDied() {
        List.copyOf(connections).forEach(SimConnection::ringLost);
    }

    void processDied() {
        connections.clear();
        inputs.clear();
        busy = false;
        turns = new DiskTurnsCore<>();
    }

    void gone(SimConnection connection) {
        connections.remove(connection);
    }
}
