package io.chainring.node.cli;

import picocli.CommandLine.Parameters;

/** The first parameter of the commands about one disk. */
final class DiskKey {
    @Parameters(
            index = "0",
            paramLabel = "KEY",
            description = "Which disk: name, UUID, device name or identifier.")
    private String key;

    /** Called by picocli only, which sets the field. */
    @SuppressWarnings("NullAway.Init")
    DiskKey() {}

    String text() {
        return key;
    }
}
