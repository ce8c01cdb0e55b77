package io.chainring.node.service;

import io.chainring.node.service.DiskLifeInput.Command;
import io.chainring.node.service.DiskLifeInput.Wish;
import io.chainring.registry.rules.RegisteredDisk;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Whose turn it is among the commands of a disk: one is carried out at a time, and each is answered once. */
final class CommandTurns {
    /** Most commands that wait behind the one under way: a disk that hangs takes no place from the others. */
    static final int WAITING_LIMIT = 4;

    private final DiskLifeEffects effects;
    private final ArrayDeque<Command> waiting = new ArrayDeque<>();
    private @Nullable Command current;
    private boolean answered;
    private @Nullable String problem;

    CommandTurns(DiskLifeEffects effects) {
        this.effects = effects;
    }

    /**
     * Takes a command up, or puts it behind those that wait.
     *
     * @return whether it is its turn
     */
    boolean take(Command command) {
        if (current != null) {
            waiting.add(command);
            return false;
        }
        current = command;
        answered = false;
        problem = null;
        return true;
    }

    /** Whether as many wait as may. */
    boolean isFull() {
        return current != null && waiting.size() >= WAITING_LIMIT;
    }

    /** Whether what is under way has been answered before its end. */
    boolean isAnsweredEarly() {
        return current != null && answered;
    }

    /** The next command, when nothing is under way; null when there is none, or something is. */
    @Nullable Command next() {
        return current == null ? waiting.poll() : null;
    }

    /** What is under way; null: nothing. */
    @Nullable Wish wish() {
        Command command = current;
        return command == null ? null : command.wish();
    }

    /** What its answer says went wrong. */
    void problem(String why) {
        problem = why;
    }

    /** The same, unless something went wrong before. */
    void firstProblem(String why) {
        problem = problem == null ? why : problem;
    }

    /** Its answer is overdue after a while. */
    void hurry() {
        Command command = current;
        if (command != null && !answered) {
            effects.hurry(command.ticket());
        }
    }

    /** Answers a command that goes on: with what went wrong, or, when nothing has, with this. */
    void answerEarly(long ticket, String why) {
        Command command = current;
        if (command != null && command.ticket() == ticket && !answered) {
            answered = true;
            effects.refuse(ticket, problem == null ? why : problem);
        }
    }

    /** The same for whatever is under way. */
    void answerEarly(String why) {
        Command command = current;
        if (command != null) {
            answerEarly(command.ticket(), why);
        }
    }

    /** The command has come to its end; its answer is the disk, or what went wrong. */
    void finish(@Nullable RegisteredDisk disk) {
        Command command = current;
        current = null;
        if (command == null || answered) {
            return;
        }
        answered = true;
        String why = problem;
        if (why == null) {
            effects.answer(command.ticket(), Objects.requireNonNull(disk));
        } else {
            effects.refuse(command.ticket(), why);
        }
    }

    /** None of those that wait gets its turn. */
    void refuseWaiting(String why) {
        while (!waiting.isEmpty()) {
            effects.refuse(waiting.remove().ticket(), why);
        }
    }
}
