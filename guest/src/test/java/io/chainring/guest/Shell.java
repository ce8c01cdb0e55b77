package io.chainring.guest;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A shell of small systems, with the programs that it comes with. */
enum Shell {
    /** Debian's, with the GNU programs. */
    DASH(List.of("dash")),
    /** The shell and the programs of an initramfs or of a small distribution, all in one. */
    BUSYBOX(List.of("busybox", "sh"));

    private final List<String> command;

    Shell(List<String> command) {
        this.command = command;
    }

    /** Its command, with the whole path: the PATH of the helper holds nothing but what it needs. */
    List<String> command() {
        String program = require(command.get(0)).toString();
        return command.size() == 1 ? List.of(program) : List.of(program, command.get(1));
    }

    /** Where the program that the helper calls under this shell lives. */
    Path program(String name) {
        return this == BUSYBOX ? require("busybox") : require(name);
    }

    /** Skips the calling test when the program is not installed; with CI=true that is a failure. */
    static Path require(String program) {
        Optional<Path> found =
                Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                        .map(folder -> Path.of(folder, program))
                        .filter(Files::isExecutable)
                        .findFirst();
        if (found.isEmpty() && "true".equals(System.getenv("CI"))) {
            fail("missing: " + program);
        }
        assumeTrue(found.isPresent(), "missing: " + program);
        return found.get();
    }
}
