package io.chainring.chaos.work;

import io.chainring.chaos.history.Action;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** One operation after the other over all cells; what fails is tried again a few times. */
final class Passage implements Source {
    private static final int PIECE_CELLS = 64;
    private static final int AGAIN_MOST = 1000;

    private final Action action;
    private final int cells;
    private final ArrayDeque<Planned> again = new ArrayDeque<>();
    private int next;
    private int failures;

    Passage(Action action, int cells) {
        this.action = action;
        this.cells = cells;
    }

    @Override
    public @Nullable Planned next() {
        if (next == cells) {
            return again.poll();
        }
        int first = next;
        next = Math.min(cells, first + PIECE_CELLS);
        return new Planned(action, first, next - first);
    }

    @Override
    public void failed(Planned planned) {
        if (++failures <= AGAIN_MOST) {
            again.add(planned);
        }
    }
}
