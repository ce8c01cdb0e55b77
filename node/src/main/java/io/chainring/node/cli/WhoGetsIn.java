package io.chainring.node.cli;

import io.chainring.gateway.nbd.NbdAddress;
import io.chainring.gateway.nbd.setup.NbdSettings;
import io.chainring.gateway.nbd.setup.TlsMode;
import io.chainring.gateway.nbd.tls.PlainTcp;
import io.chainring.node.http.HostPort;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Says who can use the disks through an address on TCP, where that is more than those who were named. */
final class WhoGetsIn {
    private WhoGetsIn() {}

    /**
     * What to know about an address, a line each.
     *
     * @param ownSocket a path for the disks of one user
     */
    static List<String> lines(InetSocketAddress address, NbdSettings nbd, String ownSocket) {
        List<String> lines = new ArrayList<>();
        String at = HostPort.format(address);
        String reach = NbdAddress.reach(address);
        if (!reach.isEmpty()) {
            lines.add(at + " means " + reach + ".");
        }
        if (nbd.access().rules() != null) {
            return lines;
        }
        TlsMode mode =
                PlainTcp.mode(nbd.tls().mode(), nbd.access().plainTcpBeyondLoopback(), address);
        boolean everybody =
                mode != TlsMode.REQUIRED
                        || (nbd.tls().clientAuthorities() == null
                                && nbd.tls().preSharedKeys() == null);
        if (everybody && PlainTcp.beyondLoopback(address)) {
            lines.add(
                    "Whoever reaches "
                            + at
                            + " can read and write these disks"
                            + (mode == TlsMode.REQUIRED
                                    ? "; clients show certificates with --tls-client-ca FILE, or keys with --tls-psk FILE."
                                    : ", and so can who listens on the way."));
        } else if (everybody) {
            lines.add(
                    "Every user of this machine can read and write these disks at "
                            + at
                            + ". For yourself alone: ./chainring serve --nbd-socket "
                            + ownSocket);
        }
        return lines;
    }
}
