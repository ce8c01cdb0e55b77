package io.chainring.benchmarks;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The option {@code --fsync on|off} of a benchmark with one journal. */
final class Durability {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    private boolean fsync;

    /** Called by picocli, which sets the field. */
    @SuppressWarnings("NullAway.Init")
    Durability() {}

    @Option(
            names = "--fsync",
            paramLabel = "on|off",
            description = "Journal on stable storage (default: off).")
    void fsync(String value) {
        if (!value.equals("on") && !value.equals("off")) {
            throw new ParameterException(
                    spec.commandLine(), "--fsync takes on or off, not '" + value + "'");
        }
        fsync = value.equals("on");
    }

    boolean fsync() {
        return fsync;
    }

    /** What an acknowledged record survives. */
    String text() {
        return fsync
                ? "journal fsync=on (survives power loss)"
                : "journal fsync=off (survives kill -9, not power loss)";
    }
}
