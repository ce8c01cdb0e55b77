package io.chainring.gateway.nbd.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.gateway.nbd.connection.DiskTurnsCore.Input;
import io.chainring.ring.supervise.RingService;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of a disk's connections when one of them throws. */
class DiskTurnsTest {
    private final List<String> happened = new ArrayList<>();
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private boolean emptied;
    private final DiskTurns turns =
            new DiskTurns(channel.eventLoop(), Duration.ofSeconds(1), gone -> emptied = true);

    private final class Client implements DiskClient {
        private final String name;
        private String throwsAt = "";
        private boolean readable = true;

        Client(String name) {
            this.name = name;
        }

        private void does(String what) {
            happened.add(name + " " + what);
            if (throwsAt.contains(what)) {
                throw new IllegalStateException("a fault of " + name);
            }
        }

        @Override
        public boolean isAt(RingService disk) {
            return true;
        }

        @Override
        public void disconnect(RingService disk) {
            does("disconnect");
        }

        @Override
        public void accessChanged() {
            does("accessChanged");
        }

        @Override
        public void shutDown() {
            does("shutDown");
        }

        @Override
        public void openRing() {
            does("open");
        }

        @Override
        public boolean readArrived() {
            does("read");
            return readable;
        }

        @Override
        public void failed(Throwable cause) {
            does("failed");
        }

        @Override
        public void settle(boolean on) {
            does(on ? "settle" : "unsettle");
        }
    }

    private final Client a = new Client("a");
    private final Client b = new Client("b");
    private final Client c = new Client("c");

    @AfterEach
    void end() {
        channel.finishAndReleaseAll();
    }

    private void settleTimePasses() {
        channel.advanceTimeBy(2, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
    }

    @Test
    void oneThatCannotOpenIsClosedAndTheNextOpens() {
        a.throwsAt = "open";
        turns.apply(Input.ASKED, a);
        assertEquals(List.of("a open", "a failed"), happened);
        assertTrue(emptied);
        turns.apply(Input.ASKED, b);
        assertEquals(List.of("a open", "a failed", "b open"), happened);
    }

    @Test
    void oneThatCannotBeReadIsClosedAndTheNewcomerOpens() {
        turns.apply(Input.ASKED, a);
        turns.apply(Input.ASKED, b);
        happened.clear();
        a.throwsAt = "read";
        turns.apply(Input.ASKED, c);
        assertEquals(List.of("a read", "a failed", "b read", "c open"), happened);
    }

    @Test
    void oneThatCannotSettleStallsNobody() {
        channel.freezeTime();
        turns.apply(Input.ASKED, a);
        turns.apply(Input.ASKED, b);
        a.readable = false;
        b.readable = false;
        for (String at : List.of("settle", "unsettle")) {
            happened.clear();
            a.throwsAt = at;
            Client newcomer = new Client("new");
            turns.apply(Input.ASKED, newcomer);
            settleTimePasses();
            settleTimePasses();
            assertTrue(happened.contains("a failed"), happened::toString);
            assertTrue(happened.contains("new open"), happened::toString);
            assertTrue(happened.contains("b unsettle"), happened::toString);
            turns.apply(Input.LEFT, newcomer);
            turns.apply(Input.ASKED, a);
            settleTimePasses();
            settleTimePasses();
        }
    }

    @Test
    void oneWhoseClosingThrowsStallsNobodyEither() {
        turns.apply(Input.ASKED, a);
        a.throwsAt = "read failed";
        try {
            turns.apply(Input.ASKED, b);
        } catch (IllegalStateException e) {
            assertEquals("a fault of a", e.getMessage());
        }
        turns.apply(Input.ASKED, c);
        assertTrue(happened.containsAll(List.of("b open", "c open")), happened::toString);
    }
}
