package io.chainring.node.fault;

import io.chainring.base.settings.Settings;
import io.chainring.host.fault.StoreFault;
import io.chainring.node.control.FaultList;
import io.chainring.persistence.fault.JournalFault;
import io.chainring.registry.RegistryPoint;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.SupervisorCommand.Target;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What can go wrong on purpose in a node, by name. */
enum NodeFault {
    BACKEND_KILL(Target.BACKEND, null, null),
    HOST_KILL(Target.HOST, null, null),
    FRONTEND_KILL(Target.FRONTEND, null, null),
    REGISTRY_KILL(null, null, null),
    SUPERVISOR_KILL(Target.SUPERVISOR, null, null),
    JOURNAL_SLOW(null, JournalFault.SLOW, null),
    JOURNAL_FAIL(null, JournalFault.FAIL, null),
    JOURNAL_REJECT(null, JournalFault.REJECT, null),
    JOURNAL_TORN(null, JournalFault.TORN, null),
    JOURNAL_FULL(null, JournalFault.FULL, null),
    STORE_SLOW(null, null, StoreFault.SLOW),
    STORE_EIO(null, null, StoreFault.EIO),
    STORE_ENOSPC(null, null, StoreFault.ENOSPC),
    STORE_TORN(null, null, StoreFault.TORN),
    STORE_SHORT(null, null, StoreFault.SHORT),
    STORE_SYNC_FAIL(null, null, StoreFault.SYNC_FAIL);

    final @Nullable Target target;
    final @Nullable JournalFault journal;
    final @Nullable StoreFault store;

    NodeFault(@Nullable Target target, @Nullable JournalFault journal, @Nullable StoreFault store) {
        this.target = target;
        this.journal = journal;
        this.store = store;
    }

    /** Whether it holds for a time. */
    boolean lasts() {
        return this == JOURNAL_SLOW || this == JOURNAL_FULL || this == STORE_SLOW;
    }

    /** Points at which one may die of it. */
    List<String> points() {
        return target != null
                ? target.points().stream().map(Enum::name).toList()
                : this == REGISTRY_KILL ? names(RegistryPoint.values()) : List.of();
    }

    /** Ways in which one may die of it. */
    List<String> ways() {
        return target != null
                ? Settings.labels(KillMode.class)
                : this == REGISTRY_KILL ? List.of(Settings.label(KillMode.ERROR)) : List.of();
    }

    FaultList.Kind kind() {
        return new FaultList.Kind(Settings.label(this), ways(), points(), lasts());
    }

    private static List<String> names(Enum<?>[] values) {
        return Arrays.stream(values).map(Enum::name).toList();
    }
}
