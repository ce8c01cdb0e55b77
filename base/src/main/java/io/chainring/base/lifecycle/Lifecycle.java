package io.chainring.base.lifecycle;

/**
 * The present state of something with a lifecycle. A move that is not in its table throws: it is a fault of this program,
 * never of the other side. Not thread-safe.
 *
 * @param <S> the states
 */
public final class Lifecycle<S extends Enum<S>> {
    private final Transitions<S> legal;
    private final String name;
    private S state;

    Lifecycle(Transitions<S> legal, S first, String name) {
        this.legal = legal;
        this.state = first;
        this.name = name;
    }

    /** The present state. */
    public S state() {
        return state;
    }

    /** Whether this is the present state. */
    public boolean is(S one) {
        return state == one;
    }

    /**
     * Moves on.
     *
     * @throws IllegalStateException when the table does not have that move
     */
    public void to(S next) {
        if (!legal.allow(state, next)) {
            throw new IllegalStateException(name + ": " + next + " does not follow " + state);
        }
        state = next;
    }

    @Override
    public String toString() {
        return name + " " + state;
    }
}
