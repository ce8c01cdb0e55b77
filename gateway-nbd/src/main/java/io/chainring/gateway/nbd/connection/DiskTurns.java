package io.chainring.gateway.nbd.connection;

import io.chainring.gateway.nbd.connection.DiskTurnsCore.Effect;
import io.chainring.gateway.nbd.connection.DiskTurnsCore.Input;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The connections of one disk, all on the disk's loop: carries out what {@link DiskTurnsCore} decides (I9). */
final class DiskTurns {
    private final EventLoop loop;
    private final Duration settleTime;
    private final Consumer<DiskTurns> whenEmpty;
    private final DiskTurnsCore<DiskClient> core = new DiskTurnsCore<>();
    private final ArrayDeque<Runnable> inputs = new ArrayDeque<>();
    private final List<DiskClient> settling = new ArrayList<>();
    private boolean busy;

    DiskTurns(EventLoop loop, Duration settleTime, Consumer<DiskTurns> whenEmpty) {
        this.loop = loop;
        this.settleTime = settleTime;
        this.whenEmpty = whenEmpty;
    }

    /** Takes an input. What comes in meanwhile, out of its effects, waits for its turn. */
    void apply(Input input, @Nullable DiskClient who) {
        if (who != null && input == Input.LEFT && settling.remove(who)) {
            guarded(who, () -> who.settle(false));
        }
        inputs.add(() -> core.apply(input, who).forEach(this::perform));
        if (busy) {
            return;
        }
        busy = true;
        try {
            for (Runnable next = inputs.poll(); next != null; next = inputs.poll()) {
                next.run();
            }
        } finally {
            busy = false;
        }
        if (core.isEmpty()) {
            whenEmpty.accept(this);
        }
    }

    private void perform(Effect<DiskClient> effect) {
        DiskClient who = effect.who();
        if (who == null) {
            var unused = loop.schedule(this::settled, settleTime.toMillis(), TimeUnit.MILLISECONDS);
            return;
        }
        guarded(
                who,
                () -> {
                    switch (effect.act()) {
                        case READ -> apply(who.readArrived() ? Input.READ : Input.UNREADABLE, who);
                        case OPEN -> who.openRing();
                        case SETTLE -> {
                            settling.add(who);
                            who.settle(true);
                        }
                        case AWAIT_SETTLED ->
                                throw new IllegalStateException("all settle together");
                    }
                });
    }

    /** Whatever one client throws ends that client: the others of the disk have their turns. */
    private void guarded(DiskClient who, Runnable effect) {
        try {
            effect.run();
        } catch (RuntimeException | Error e) {
            try {
                who.failed(e);
            } finally {
                settling.remove(who);
                apply(Input.LEFT, who);
            }
        }
    }

    private void settled() {
        for (DiskClient each : List.copyOf(settling)) {
            guarded(each, () -> each.settle(false));
        }
        settling.clear();
        apply(Input.SETTLED, null);
    }
}
