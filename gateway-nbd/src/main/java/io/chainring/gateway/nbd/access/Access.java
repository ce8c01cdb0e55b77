package io.chainring.gateway.nbd.access;

import io.chainring.gateway.nbd.reload.Reloaded;
import io.chainring.gateway.nbd.setup.AccessSettings;
import io.chainring.gateway.nbd.setup.ExportDirectory;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The rules of one server, as they are at present. Thread-safe. */
public final class Access {
    private final boolean onUnixSockets;
    private final @Nullable Reloaded<AccessRules> rules;

    /**
     * @param changed hears, on the thread that looks at files, that the rules are others now
     * @throws IllegalArgumentException when there is a file of rules and it is wrong; one line that names it
     */
    public Access(AccessSettings settings, Runnable changed) {
        Path file = settings.rules();
        onUnixSockets = settings.rulesOnUnixSockets();
        rules =
                file == null
                        ? null
                        : new Reloaded<>(
                                "chainring.nbd.access.rules = " + file,
                                List.of(file),
                                () -> AccessFile.read(file),
                                fresh -> changed.run());
    }

    /** The file of rules; null when there is none. */
    public @Nullable Reloaded<?> file() {
        return rules;
    }

    /**
     * What one client may see.
     *
     * @param unixSocket whether it came through one
     * @param client who it is, asked each time
     */
    public PermittedExports exports(
            ExportDirectory all, boolean unixSocket, Supplier<ClientIdentity> client) {
        Reloaded<AccessRules> present = rules;
        if (present == null || (unixSocket && !onUnixSockets)) {
            return new PermittedExports(all, () -> AccessRules.NONE, client);
        }
        return new PermittedExports(all, present::current, client);
    }
}
