package io.chainring.node.cli;

import io.chainring.node.control.ControlClient;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
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

    /** To load and configure the node's log for one request would take longer than the request. */
    ControlClient client() {
        InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
        return new ControlClient(directory);
    }
}
