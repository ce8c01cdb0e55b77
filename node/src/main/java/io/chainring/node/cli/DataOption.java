package io.chainring.node.cli;

import io.chainring.node.control.ControlClient;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which running node a command is for. */
final class DataOption {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "chainring-data",
            description = "Data directory of the node (default: ${DEFAULT-VALUE}).")
    private Path directory = Path.of("chainring-data");

    ControlClient client() {
        return new ControlClient(directory);
    }
}
