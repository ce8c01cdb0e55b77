package io.chainring.gateway.nbd.setup;

import io.chainring.base.settings.Settings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * {@code chainring.nbd.access}.
 *
 * @param rules file that says who may use which export; null: everybody all
 * @param rulesOnUnixSockets whether they hold there, too
 * @param plainTcpBeyondLoopback whether disks are served without encryption to other machines
 */
public record AccessSettings(
        @Nullable Path rules, boolean rulesOnUnixSockets, boolean plainTcpBeyondLoopback) {

    static AccessSettings from(Settings nbd) {
        return new AccessSettings(
                TlsSettings.path(nbd, "access.rules"),
                nbd.flag("access.rules-on-unix-sockets"),
                nbd.flag("access.plain-tcp-beyond-loopback"));
    }
}
