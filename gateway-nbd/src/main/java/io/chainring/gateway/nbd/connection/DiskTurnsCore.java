package io.chainring.gateway.nbd.connection;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says which connection of one disk opens its ring when: the place where invariant I9 (no stale replay) is kept.
 *
 * <p>A client that lost its connection opens another one and sends again what was unanswered. So before a connection
 * may open its ring, all others are read up to what has arrived. Those that turn out closed give up their ring first:
 * what of theirs was unread or unbegun never executes, and the ring service opens the new ring only when what had begun
 * is finished. Those that said goodbye (DISC) with requests under way are waited for.
 *
 * <pre>
 * asked --> read the others, one by one --> none is finishing --> open the first that asked --> and again for the next
 *                 |            ^                   |
 *                 v            |                   v
 *        cannot be read: settle a while    until one has finished or left
 * </pre>
 *
 * <p>Whoever drives it answers {@link Act#READ} before it takes anything from outside: between the first reading and
 * the opening nothing else may happen.
 *
 * @param <C> a connection
 */
public final class DiskTurnsCore<C> {
    /** What happens to a connection of the disk, or with {@link #SETTLED} to all of them. */
    public enum Input {
        ASKED,
        LEFT,
        FINISHING,
        FINISHED,
        /** It has been read up to what has arrived, as was asked. */
        READ,
        /** It cannot be read at once. */
        UNREADABLE,
        /** Those that could not be read at once have had their time. */
        SETTLED
    }

    /** What is to be done. */
    public enum Act {
        READ,
        OPEN,
        /** Reads in the ordinary way for a while; once for each, then {@link #AWAIT_SETTLED}. */
        SETTLE,
        AWAIT_SETTLED
    }

    /** What is to be done with one connection; with none where all are meant. */
    public record Effect<C>(Act act, @Nullable C who) {}

    private final ArrayDeque<C> waiting = new ArrayDeque<>();
    private final Set<C> open = new LinkedHashSet<>();
    private final Set<C> finishing = new LinkedHashSet<>();
    private final ArrayDeque<C> unread = new ArrayDeque<>();
    private final Set<C> unreadable = new LinkedHashSet<>();
    private @Nullable C inHand;
    private boolean reading;
    private boolean settling;
    private boolean settled;
    private @Nullable C settlesFor;

    /** Takes an input; the effects are to be carried out in this order. */
    public List<Effect<C>> apply(Input input, @Nullable C who) {
        List<Effect<C>> effects = new ArrayList<>();
        if (input == Input.SETTLED) {
            settling = false;
            // Who came meanwhile has had less than that time.
            settled = waiting.peek() != null && waiting.peek().equals(settlesFor);
        } else if (who != null) {
            note(input, who);
        }
        advance(effects);
        return effects;
    }

    /** True when nobody is left. */
    public boolean isEmpty() {
        return open.isEmpty() && waiting.isEmpty();
    }

    private void note(Input input, C who) {
        switch (input) {
            case ASKED -> waiting.add(who);
            case LEFT -> leave(who);
            case FINISHING -> finishing.add(who);
            case FINISHED -> finishing.remove(who);
            case READ, UNREADABLE -> {
                if (who.equals(inHand)) {
                    inHand = null;
                    if (input == Input.UNREADABLE) {
                        unreadable.add(who);
                    }
                }
            }
            case SETTLED -> throw new IllegalArgumentException("all settle together");
        }
    }

    private void leave(C who) {
        waiting.remove(who);
        open.remove(who);
        finishing.remove(who);
        unread.remove(who);
        unreadable.remove(who);
        if (who.equals(inHand)) {
            inHand = null;
        }
    }

    private void advance(List<Effect<C>> effects) {
        if (waiting.isEmpty()) {
            // Who asks next is read for from the beginning.
            reading = false;
            unread.clear();
        }
        while (!waiting.isEmpty() && inHand == null && !settling) {
            if (!reading) {
                reading = true;
                unread.addAll(open);
                unreadable.clear();
            }
            inHand = unread.poll();
            if (inHand != null) {
                effects.add(new Effect<>(Act.READ, inHand));
                return;
            }
            reading = false;
            if (!unreadable.isEmpty() && !settled) {
                settling = true;
                settlesFor = waiting.peek();
                unreadable.forEach(each -> effects.add(new Effect<>(Act.SETTLE, each)));
                effects.add(new Effect<>(Act.AWAIT_SETTLED, null));
                return;
            }
            // Time given for one newcomer says nothing about who asks, or opens, after it.
            settled = false;
            if (!finishing.isEmpty()) {
                return;
            }
            C next = waiting.remove();
            open.add(next);
            effects.add(new Effect<>(Act.OPEN, next));
        }
    }
}
