package io.chainring.gateway.nbd.access;

import io.chainring.gateway.nbd.setup.ExportDirectory;
import io.chainring.gateway.nbd.setup.NbdExport;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The exports that one client may see. What it may not use is not there, whatever it is asked by; what it may only read
 * is read-only. Follows the rules as they change, and the client as it proves who it is.
 */
public final class PermittedExports implements ExportDirectory {
    private final ExportDirectory all;
    private final Supplier<AccessRules> rules;
    private final Supplier<ClientIdentity> client;

    public PermittedExports(
            ExportDirectory all, Supplier<AccessRules> rules, Supplier<ClientIdentity> client) {
        this.all = all;
        this.rules = rules;
        this.client = client;
    }

    @Override
    public List<NbdExport> list() {
        List<NbdExport> permitted = new ArrayList<>();
        for (NbdExport each : all.list()) {
            NbdExport shown = permitted(each);
            if (shown != null) {
                permitted.add(shown);
            }
        }
        return permitted;
    }

    @Override
    public @Nullable NbdExport find(String name) {
        NbdExport found = all.find(name);
        return found == null ? null : permitted(found);
    }

    private @Nullable NbdExport permitted(NbdExport export) {
        return switch (rules.get().grant(client.get(), export.name())) {
            case NONE -> null;
            case READ_ONLY -> export.asReadOnly();
            case READ_WRITE -> export;
        };
    }

    /** Whether the client may still use what it opened in the way in which it opened it. */
    public boolean stillPermits(NbdExport opened) {
        Grant grant = rules.get().grant(client.get(), opened.name());
        return grant == Grant.READ_WRITE || (grant == Grant.READ_ONLY && opened.readOnly());
    }
}
