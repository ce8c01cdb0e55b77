package io.chainring.simulation.world;

import io.chainring.simulation.plan.Draws;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Messages between the parties of a simulation: FIFO from one sender to one receiver, any order otherwise. A receiver
 * may be blocked (its messages wait) or dead (they are lost). Some channels are slow, so that whole conversations
 * overtake others.
 */
final class Scheduler {
    private static final int TRACE_LINES = 160;

    private record Message(Supplier<String> label, Runnable action) {}

    private record Channel(
            String from, String to, int hash, double weight, ArrayDeque<Message> messages) {}

    private final Draws random;
    private final Map<String, Channel> channels = new LinkedHashMap<>();
    private final Set<String> blocked = new HashSet<>();
    private final List<Channel> ready = new ArrayList<>();
    private final ArrayDeque<Supplier<String>> trace = new ArrayDeque<>();
    private long tick;
    private long hash;
    private @Nullable Consumer<String> listener;

    Scheduler(Draws random) {
        this.random = random;
    }

    /** The present moment. */
    long time() {
        return tick;
    }

    /** The next moment: no two events of a simulation have the same. */
    long tick() {
        return ++tick;
    }

    /** What happened so far, as one number: two runs with the same one were the same. */
    long hash() {
        return hash;
    }

    /** Something happened. */
    void note(long what) {
        hash = Draws.mix(hash * 31 + what);
    }

    /** Tells each line as it comes. */
    void listen(Consumer<String> toEach) {
        listener = toEach;
    }

    /** Lines are put together when somebody wants to read them. */
    void trace(Supplier<String> line) {
        if (trace.size() == TRACE_LINES) {
            trace.remove();
        }
        long now = tick;
        if (listener != null) {
            listener.accept(now + " " + line.get());
        }
        trace.add(() -> now + " " + line.get());
    }

    List<String> traceTail() {
        return trace.stream().map(Supplier::get).toList();
    }

    void send(String from, String to, Supplier<String> label, Runnable action) {
        Channel channel =
                channels.computeIfAbsent(
                        from + ">" + to,
                        name ->
                                new Channel(
                                        from,
                                        to,
                                        name.hashCode(),
                                        random.nextInt(5) == 0 ? 0.02 : 1.0,
                                        new ArrayDeque<>()));
        channel.messages.add(new Message(() -> from + " -> " + to + ": " + label.get(), action));
    }

    void block(String receiver) {
        blocked.add(receiver);
    }

    void unblock(String receiver) {
        blocked.remove(receiver);
    }

    /** The receiver is dead: what is under way to it is lost. */
    void dropTo(String receiver) {
        channels.values().removeIf(channel -> channel.to.equals(receiver));
        blocked.remove(receiver);
    }

    /** The sender is dead: what it has said still arrives, and nothing follows. */
    void forget(String sender) {
        channels.values()
                .removeIf(channel -> channel.from.equals(sender) && channel.messages.isEmpty());
    }

    void dropAll() {
        channels.clear();
        blocked.clear();
    }

    /** Delivers the oldest message of some channel; false when there is none that may be delivered. */
    boolean deliver() {
        ready.clear();
        double total = 0;
        for (Channel channel : channels.values()) {
            if (isReady(channel)) {
                ready.add(channel);
                total += channel.weight;
            }
        }
        if (ready.isEmpty()) {
            return false;
        }
        double pick = random.nextDouble() * total;
        for (Channel channel : ready) {
            pick -= channel.weight;
            if (pick <= 0) {
                Message message = channel.messages.remove();
                tick++;
                note(channel.hash);
                trace(message.label);
                message.action.run();
                return true;
            }
        }
        return false;
    }

    private boolean isReady(Channel channel) {
        return !channel.messages.isEmpty() && !blocked.contains(channel.to);
    }
}
