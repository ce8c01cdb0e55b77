package io.chainring.base.lifecycle;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * The legal moves between the states of a lifecycle: one table, written beside the states, instead of conditions strewn
 * over who moves them.
 *
 * <pre>{@code
 * private static final Transitions<State> LEGAL =
 *         Transitions.of(State.class).from(OPENING, SERVING, CLOSED).from(SERVING, CLOSED);
 * }</pre>
 *
 * Immutable.
 *
 * @param <S> the states
 */
public final class Transitions<S extends Enum<S>> {
    private final Class<S> states;
    private final Map<S, Set<S>> moves;

    private Transitions(Class<S> states, Map<S, Set<S>> moves) {
        this.states = states;
        this.moves = moves;
    }

    /** A table without moves. */
    public static <S extends Enum<S>> Transitions<S> of(Class<S> states) {
        return new Transitions<>(states, new EnumMap<>(states));
    }

    /** This table and the moves from one state to others. */
    @SafeVarargs
    public final Transitions<S> from(S from, S... to) {
        Map<S, Set<S>> more = new EnumMap<>(states);
        moves.forEach((state, targets) -> more.put(state, EnumSet.copyOf(targets)));
        more.computeIfAbsent(from, state -> EnumSet.noneOf(states)).addAll(Set.of(to));
        return new Transitions<>(states, more);
    }

    /** Whether a state may follow another. */
    public boolean allow(S from, S to) {
        return moves.getOrDefault(from, Set.of()).contains(to);
    }

    /**
     * A lifecycle that keeps to this table.
     *
     * @param name whose it is, for the message of an illegal move
     */
    public Lifecycle<S> startIn(S first, String name) {
        return new Lifecycle<>(this, first, name);
    }
}
