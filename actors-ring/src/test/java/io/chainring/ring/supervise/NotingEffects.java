package io.chainring.ring.supervise;

import io.chainring.ring.transport.Outstanding;
import java.util.ArrayList;
import java.util.List;

/** Notes each effect of a supervisor's core in a few letters. */
final class NotingEffects implements SupervisorEffects {
    final List<String> done = new ArrayList<>();
    boolean hasMemory = true;
    boolean journalTakesWrites = true;

    @Override
    public void startBackend(long incarnation) {
        done.add("backend " + incarnation);
    }

    @Override
    public void startExecutor(long incarnation) {
        done.add("executor " + incarnation);
    }

    @Override
    public boolean journalTakesWrites() {
        return journalTakesWrites;
    }

    @Override
    public void after(long nanos, SupervisorInput input) {
        done.add("after " + nanos);
    }

    @Override
    public void capacityChanged() {
        done.add("capacity changed");
    }

    @Override
    public void capacityKnown(long capacityBytes) {}

    @Override
    public void expectRings(long epoch, List<Long> ringIds) {
        done.add("expect " + ringIds);
    }

    @Override
    public void attach(long ringId, Outstanding outstanding, boolean closing) {
        done.add("attach " + ringId + (closing ? " closing" : ""));
    }

    @Override
    public void detach(long ringId) {
        done.add("detach " + ringId);
    }

    @Override
    public boolean startRing(long ringId) {
        done.add("ring " + ringId);
        return hasMemory;
    }

    @Override
    public void introduce(long ringId, long epoch) {
        done.add("introduce " + ringId);
    }

    @Override
    public void opened(long ringId, long capacityBytes) {
        done.add("opened " + ringId + " with " + capacityBytes);
    }

    @Override
    public void giveUp(long ringId, String reason) {
        done.add("give up " + ringId);
    }

    @Override
    public void endRing(long ringId, String reason) {
        done.add("end " + ringId);
    }

    @Override
    public void gone(long ringId, String reason) {
        done.add("gone " + ringId);
    }

    @Override
    public void stopped() {
        done.add("stopped");
    }
}
