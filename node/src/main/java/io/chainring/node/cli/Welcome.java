package io.chainring.node.cli;

import io.chainring.base.text.Printable;
import io.chainring.base.text.ShellQuote;
import io.chainring.node.Version;
import io.chainring.node.disk.Disk;
import io.chainring.node.service.NbdEndpoint;
import io.chainring.node.service.Node;
import io.chainring.node.service.NodeSettings;
import io.chainring.node.text.SizeText;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What a node says when it serves: what it has, and commands to try that work as they stand. */
final class Welcome {
    private static final Path DEFAULT_DATA = Path.of("chainring-data");

    private final Node node;
    private final NodeSettings settings;
    private final StringBuilder text = new StringBuilder();

    Welcome(Node node, NodeSettings settings) {
        this.node = node;
        this.settings = settings;
    }

    String text() {
        line(
                "Chainring %s: data directory %s, fsync %s, crash policy %s",
                Version.text(),
                Printable.whole(settings.dataDirectory()),
                settings.fsync() ? "on" : "off",
                settings.ring().limits().crashPolicy().name().toLowerCase(java.util.Locale.ROOT));
        if (settings.chaos()) {
            line(
                    "Warning: this node makes its disks fail when it is asked to on its control socket (chainring.node.chaos = on).");
        }
        line("");
        for (Disk disk : node.disks()) {
            line(
                    "  %-12s %10s  %s",
                    disk.name(),
                    SizeText.format(disk.capacityBytes()),
                    Printable.whole(disk.path()));
        }
        String data =
                settings.dataDirectory().equals(DEFAULT_DATA)
                        ? ""
                        : " --data " + ShellQuote.word(settings.dataDirectory().toString());
        if (node.disks().isEmpty()) {
            line("  No disk is inserted; they are listed, and inserted, with:");
            line("  ./chainring disk ls%s", data);
            line("  ./chainring disk insert NAME%s", data);
        } else {
            aboutDisks(node.disks().get(0).name(), data);
        }
        line("");
        line(
                "Ctrl-C ends the node; the disks stay in %s.",
                Printable.whole(settings.dataDirectory()));
        return text.toString();
    }

    private void aboutDisks(String name, String data) {
        List<NbdEndpoint> endpoints = node.nbdEndpoints(name);
        whoGetsIn();
        if (!endpoints.isEmpty()) {
            line("");
            line(
                    "NBD, at %s. Try it:",
                    endpoints.stream().map(NbdEndpoint::uri).collect(Collectors.joining(" and ")));
            NbdEndpoint easiest =
                    endpoints.stream()
                            .filter(each -> !each.encrypted())
                            .findFirst()
                            .orElse(endpoints.get(0));
            TryCommands.of(easiest, name, settings.nbd().tls()).forEach(each -> line("  %s", each));
        }
        line("");
        line("Look at it, and break it while a client works:");
        line("  ./chainring status --watch%s", data);
        line(
                "  ./chainring kill backend --disk %s --how mixed --every 100ms --for 20s%s",
                ShellQuote.word(name), data);
    }

    private void whoGetsIn() {
        List<String> lines = new ArrayList<>();
        String ownSocket = settings.dataDirectory().resolve("nbd.sock").toString();
        for (InetSocketAddress address : node.nbdAddresses()) {
            lines.addAll(WhoGetsIn.lines(address, settings.nbd(), ownSocket));
        }
        if (!lines.isEmpty()) {
            line("");
            lines.forEach(each -> line("%s", each));
        }
    }

    private void line(String format, Object... values) {
        text.append(String.format(java.util.Locale.ROOT, format, values)).append('\n');
    }
}
