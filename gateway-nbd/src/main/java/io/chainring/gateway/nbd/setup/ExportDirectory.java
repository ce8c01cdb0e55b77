package io.chainring.gateway.nbd.setup;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a server has to offer. Thread-safe; asked once for each handshake option, so changes show at once. */
public interface ExportDirectory {

    /** All exports, in the order in which clients shall see them. */
    List<NbdExport> list();

    /** The export of exactly that name, or null. */
    @Nullable NbdExport find(String name);

    /** As {@link #find}, where the empty name stands for the only export if there is exactly one. */
    default @Nullable NbdExport select(String name) {
        NbdExport export = find(name);
        if (export == null && name.isEmpty()) {
            List<NbdExport> all = list();
            return all.size() == 1 ? all.get(0) : null;
        }
        return export;
    }
}
