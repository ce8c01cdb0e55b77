package io.chainring.chaos.work;

import io.chainring.chaos.history.Action;
import io.chainring.chaos.tested.BlockTarget;
import io.chainring.chaos.tested.ClientFault;
import io.chainring.chaos.tested.TargetDoor;
import io.chainring.chaos.tested.TargetFeatures;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Clients that work on disks at once. First the disks get known contents, then the clients do as their seeds say until they are
 * told to stop, then every cell is read once more.
 */
public final class Workload {
    private final WorkSettings settings;
    private final List<TargetDoor> disks;
    private final Recorder recorder;
    private final Tally tally;
    private final List<OpenCells> cells = new ArrayList<>();
    private final List<TargetFeatures> features = new ArrayList<>();
    private volatile List<Client> clients = List.of();
    private volatile boolean stopped;

    /**
     * @throws IOException when a disk cannot be connected to, or does not fit the settings
     */
    public Workload(WorkSettings settings, List<TargetDoor> disks, Recorder recorder)
            throws IOException, InterruptedException {
        this.settings = settings;
        this.disks = List.copyOf(disks);
        this.recorder = recorder;
        tally = new Tally(disks.size());
        for (TargetDoor disk : disks) {
            cells.add(new OpenCells(settings.cells()));
            try (BlockTarget first = disk.connect()) {
                features.add(fitting(disk, first.features()));
            }
        }
    }

    private TargetFeatures fitting(TargetDoor disk, TargetFeatures found) throws IOException {
        if (settings.cellBytes() % found.blockBytes() != 0) {
            throw new IOException(
                    "%s has blocks of %s bytes, which cells of %s do not fit"
                            .formatted(disk.name(), found.blockBytes(), settings.cellBytes()));
        }
        long neededBytes = (long) settings.cells() * settings.cellBytes();
        if (found.sizeBytes() < neededBytes) {
            throw new IOException(
                    "%s has %s bytes, and %s are needed"
                            .formatted(disk.name(), found.sizeBytes(), neededBytes));
        }
        return found;
    }

    /** What has been counted so far. */
    public Tally tally() {
        return tally;
    }

    /** No client begins anything any more. */
    public void stop() {
        stopped = true;
    }

    /**
     * Works until somebody calls {@link #stop}.
     *
     * @param started hears when the clients begin, the disks' contents being known
     */
    public void run(Runnable started) throws InterruptedException {
        if (!settings.zeroed()) {
            pass(Action.WRITE);
        }
        SplittableRandom seeds = new SplittableRandom(settings.seed());
        List<Client> all = new ArrayList<>();
        for (int i = 0; i < settings.clients(); i++) {
            int disk = i % disks.size();
            Source source =
                    new RandomOperations(
                            seeds.split(), settings, features.get(disk), () -> stopped);
            all.add(client(i, disk, source));
        }
        clients = all;
        started.run();
        finish(all);
        clients = List.of();
        if (tally.hangs().isEmpty()) {
            pass(Action.READ);
        }
    }

    private Client client(int number, int disk, Source source) {
        return new Client(
                number, disk, disks.get(disk), settings, cells.get(disk), recorder, tally, source);
    }

    private void pass(Action action) throws InterruptedException {
        List<Client> all = new ArrayList<>();
        for (int disk = 0; disk < disks.size(); disk++) {
            all.add(client(settings.clients() + disk, disk, new Passage(action, settings.cells())));
        }
        finish(all);
    }

    private void finish(List<Client> all) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (Client each : all) {
            Thread thread = new Thread(each, "chaos-client-" + threads.size());
            thread.setUncaughtExceptionHandler(
                    (died, why) -> {
                        tally.breach(died.getName() + " failed: " + why);
                        stop();
                    });
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
        for (Thread each : threads) {
            each.join();
        }
    }

    /**
     * Lets one client misbehave.
     *
     * @param draw chooses the client among those of the disk; any number
     * @return which client; -1 when none works at present
     */
    public int misbehave(int disk, int draw, ClientFault fault, long millis) {
        List<Client> those = clients.stream().filter(each -> each.disk() == disk).toList();
        if (those.isEmpty()) {
            return -1;
        }
        Client chosen = those.get(Math.floorMod(draw, those.size()));
        chosen.misbehave(fault, millis);
        return clients.indexOf(chosen);
    }
}
