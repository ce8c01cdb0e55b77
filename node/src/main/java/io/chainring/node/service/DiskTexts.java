package io.chainring.node.service;

import io.chainring.base.text.Printable;
import io.chainring.base.text.ShellQuote;
import io.chainring.registry.rules.DiskState;
import io.chainring.registry.rules.RegisteredDisk;
import java.util.Locale;

/** What people are told when a disk command is not carried out: one line each. */
final class DiskTexts {
    static final String NODE_ENDS = "the node is ending";

    static final String UNANSWERED =
            "the disk registry does not answer; it is asked on, and whether the command is carried out is not known yet:"
                    + " 'chainring disk ls' shows it, the log says why";

    private DiskTexts() {}

    private static String text(String format, Object... parts) {
        return String.format(Locale.ROOT, format, parts);
    }

    private static String label(RegisteredDisk disk) {
        return disk.state().name().toLowerCase(Locale.ROOT);
    }

    static String busy(RegisteredDisk disk) {
        return text(
                disk.state() == DiskState.DETACHING
                        ? "disk %s is detaching; try again when its chains in flight have finished"
                        : "another command is taking disk %s away; try again",
                disk.diskName());
    }

    static String registryIsAsked(String disk) {
        return text("a command of disk %s waits for the disk registry; try again", disk);
    }

    static String tooMany(String disk, int waiting) {
        return text("%d commands of disk %s wait already; try again", waiting, disk);
    }

    static String notInserted(RegisteredDisk disk) {
        return text("disk %s is not inserted; 'chainring disk insert' does that", disk.diskName());
    }

    static String ejectFirst(RegisteredDisk disk) {
        return text(
                "disk %s is %s; 'chainring disk eject' comes first", disk.diskName(), label(disk));
    }

    static String otherName(RegisteredDisk disk, String asked) {
        return text(
                "disk %s has the name %s already, not %s; rename it",
                disk.diskName(), disk.deviceName(), Printable.name(asked));
    }

    static String holdsNoName(RegisteredDisk disk, String asked) {
        return text(
                "disk %1$s is %2$s and holds no device name; 'chainring disk insert %1$s --name %3$s' gives it one",
                disk.diskName(), label(disk), ShellQuote.word(Printable.name(asked)));
    }

    static String clients(RegisteredDisk disk, int clients) {
        return text(
                "disk %s has %d %s connected; disconnect first, or close the connections with --force",
                disk.diskName(), clients, clients == 1 ? "client" : "clients");
    }

    static String noSmaller(RegisteredDisk disk, long presentBytes) {
        return text(
                "disk %s has %d bytes and is not made smaller: that would cut off data; copy what you need to a smaller disk",
                disk.diskName(), presentBytes);
    }

    static String notFlushed(RegisteredDisk disk, String failure) {
        return text(
                "disk %s was taken away, but its image could not be flushed (%s): what was written last may be lost",
                disk.diskName(), failure);
    }

    static String stillThere(RegisteredDisk disk, int chains) {
        return chains == 0
                ? text(
                        "the image of disk %s is still being flushed and closed; its name is free when that has ended ('chainring disk ls')",
                        disk.diskName())
                : text(
                        "disk %s still has %d chains in flight; it goes, and its name is free, when the last one has ended ('chainring disk ls')",
                        disk.diskName(), chains);
    }
}
