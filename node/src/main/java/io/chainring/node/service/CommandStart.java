package io.chainring.node.service;

import io.chainring.node.service.DiskLifeInput.Wish;
import io.chainring.registry.rules.DiskState;
import io.chainring.registry.rules.RegisteredDisk;

/** What a command begins with, or why it does not: by what runs of the disk, and by what the registry says. */
final class CommandStart {
    private final DiskLifeCore core;
    private final DiskLifeEffects effects;

    CommandStart(DiskLifeCore core, DiskLifeEffects effects) {
        this.core = core;
        this.effects = effects;
    }

    /** Takes the first step of what somebody wants. */
    void begin(Wish wish) {
        if (wish instanceof Wish.Begin) {
            beginNode();
        } else if (wish instanceof Wish.Create create) {
            core.reserve(create.diskName(), create.deviceName(), create.storage());
        } else if (wish instanceof Wish.Insert insert) {
            insert(insert);
        } else if (wish instanceof Wish.Eject eject) {
            eject(eject);
        } else if (wish instanceof Wish.Rename rename) {
            rename(rename);
        } else if (wish instanceof Wish.Resize resize) {
            resize(resize.sizeBytes());
        } else {
            forget();
        }
    }

    private void beginNode() {
        RegisteredDisk disk = core.disk();
        if (disk.state() == DiskState.DETACHING || !disk.isMade()) {
            core.settle();
        } else if (disk.state() == DiskState.FREE) {
            core.done();
        } else {
            core.open();
        }
    }

    private void insert(Wish.Insert wish) {
        RegisteredDisk disk = core.disk();
        if (core.stage() != DiskStage.SERVING) {
            core.reserve(disk.diskName(), wish.deviceName(), disk.storage());
        } else if (wish.deviceName() == null
                || wish.deviceName().equals(disk.deviceName().toString())) {
            core.done();
        } else {
            core.refuse(DiskTexts.otherName(disk, wish.deviceName()));
        }
    }

    private void eject(Wish.Eject wish) {
        if (core.stage() == DiskStage.ABSENT && core.disk().state().holdsName()) {
            // The registry did not answer when nothing of it ran any more.
            core.settle();
        } else if (core.stage() != DiskStage.SERVING) {
            core.refuse(DiskTexts.notInserted(core.disk()));
        } else if (withdraw(wish.force())) {
            core.eject();
        }
    }

    private void rename(Wish.Rename wish) {
        RegisteredDisk disk = core.disk();
        if (core.stage() == DiskStage.ABSENT) {
            if (wish.deviceName() != null) {
                core.refuse(DiskTexts.holdsNoName(disk, wish.deviceName()));
                return;
            }
            core.settle();
            return;
        }
        boolean changes =
                (wish.diskName() != null && !wish.diskName().equals(disk.diskName()))
                        || (wish.deviceName() != null
                                && !wish.deviceName().equals(disk.deviceName().toString()));
        if (!changes) {
            core.done();
        } else if (withdraw(wish.force())) {
            core.leave();
        }
    }

    /** Clients find it no longer; with clients connected it stays as it is, unless it is forced. */
    private boolean withdraw(boolean force) {
        effects.show(false);
        int clients = effects.clients();
        if (clients == 0 || force) {
            return true;
        }
        effects.show(true);
        core.refuse(DiskTexts.clients(core.disk(), clients));
        return false;
    }

    private void resize(long newBytes) {
        if (core.stage() != DiskStage.SERVING) {
            core.refuse(DiskTexts.notInserted(core.disk()));
        } else if (newBytes < core.sizeBytes()) {
            core.refuse(DiskTexts.noSmaller(core.disk(), core.sizeBytes()));
        } else {
            core.grow(newBytes);
        }
    }

    private void forget() {
        RegisteredDisk disk = core.disk();
        if (core.stage() == DiskStage.ABSENT && disk.state() == DiskState.FREE) {
            core.settle();
        } else {
            core.refuse(DiskTexts.ejectFirst(disk));
        }
    }
}
