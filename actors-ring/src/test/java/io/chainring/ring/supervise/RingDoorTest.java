package io.chainring.ring.supervise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.CompletionSink;
import io.chainring.ring.frontend.RingPort;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Nobody waits for the answer of a supervisor that is gone. */
class RingDoorTest {
    private final RingDoor door = new RingDoor();
    private final List<String> heard = new ArrayList<>();
    private final List<RingDoor.Wish> mailbox = new ArrayList<>();

    private final CompletionSink client =
            new CompletionSink() {
                @Override
                public void opened(RingPort port) {
                    throw new AssertionError("no supervisor lives here");
                }

                @Override
                public void completed(List<BlockRequest> requests) {
                    throw new AssertionError("no supervisor lives here");
                }

                @Override
                public void closed(String reason) {
                    heard.add(reason);
                }
            };

    @Test
    void aWishThatWasLostWithTheMailboxIsAnswered() {
        door.open();
        door.ask(client, mailbox::add);
        assertEquals(List.of(), heard);
        door.close("it died");
        assertEquals(List.of("it died"), heard);
        mailbox.get(0).closed("a second answer");
        assertEquals(List.of("it died"), heard);
        assertFalse(mailbox.get(0).isWaiting(), "or a ring would open that nobody closes");
    }

    @Test
    void aClientThatFailsKeepsTheWordFromNobody() {
        CompletionSink failing =
                new CompletionSink() {
                    @Override
                    public void opened(RingPort port) {}

                    @Override
                    public void completed(List<BlockRequest> requests) {}

                    @Override
                    public void closed(String reason) {
                        throw new IllegalStateException("its executor is shut down");
                    }
                };
        door.open();
        door.ask(failing, mailbox::add);
        door.ask(client, mailbox::add);
        door.ask(failing, mailbox::add);
        door.close("it died");
        assertEquals(List.of("it died"), heard);
    }

    @Test
    void aWishBetweenTwoSupervisorsIsAnsweredAtOnce() {
        door.close("it died");
        door.ask(client, mailbox::add);
        assertEquals(List.of("it died"), heard);
        assertEquals(List.of(), mailbox, "and reaches nobody who would open a ring for it");
    }

    @Test
    void aWishThatMeetsTheEndIsAnsweredOnce() {
        door.ask(
                client,
                sink -> {
                    mailbox.add(sink);
                    door.close("it dies now");
                });
        assertEquals(List.of("it dies now"), heard);
    }

    @Test
    void theNextSupervisorIsWaitedFor() {
        door.close("it died");
        door.open();
        door.ask(client, mailbox::add);
        assertEquals(List.of(), heard);
        mailbox.get(0).closed("by the next one");
        door.close("much later");
        assertEquals(List.of("by the next one"), heard);
    }
}
