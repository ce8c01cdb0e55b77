package io.chainring.ring.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.Operation;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BackendAuditTest {
    private static final byte[] EPOCH = TurnEventCodec.encode(TurnEvent.epoch(1, List.of(), 1));
    private static final byte[] ATTACH =
            TurnEventCodec.encode(
                    new TurnEvent(
                            1,
                            false,
                            List.of(),
                            List.of(),
                            List.of(),
                            List.of(new TurnEvent.Attached(0, 77, 4)),
                            1,
                            List.of()));
    private static final byte[] BEGIN =
            TurnEventCodec.encode(
                    new TurnEvent(
                            1,
                            false,
                            List.of(),
                            List.of(),
                            List.of(),
                            List.of(),
                            1,
                            List.of(
                                    new TurnEvent.Begun(0, 2, 1, Operation.WRITE, 0, 4096, 512),
                                    new TurnEvent.Begun(0, 3, 1, Operation.READ, 0, 0, 1024))));
    private static final byte[] COMPLETE =
            TurnEventCodec.encode(
                    new TurnEvent(
                            1,
                            false,
                            List.of(),
                            List.of(new TurnEvent.Completed(0, 3, 1, ChainStatus.OK, 1024)),
                            List.of(),
                            List.of(),
                            3,
                            List.of()));

    @Test
    void drawsBothArraysAtEachRecord() {
        BackendAudit audit = new BackendAudit();
        assertEquals("epoch 1 begins", audit.apply(EPOCH));
        assertEquals("epoch 1; attached ring 77 slot 0", audit.apply(ATTACH));
        assertEquals(
                "epoch 1; begun #1 0/2.1 WRITE 4096+512; begun #2 0/3.1 READ 0+1024",
                audit.apply(BEGIN));
        String before = audit.drawArrays();
        assertTrue(before.contains("2 chains in flight"), before);
        assertTrue(before.contains("#2"), before);
        assertEquals("epoch 1; completed 0/3.1 OK", audit.apply(COMPLETE));
        String after = audit.drawArrays();
        assertTrue(after.contains("1 chains in flight"), after);
        assertTrue(after.contains("OK, 1024 bytes"), after);
        assertTrue(after.contains("WRITE 4096+512"), after);
        assertTrue(!after.contains("#2"), after);
    }

    @Test
    void beginsWithASnapshotAndRefusesWhatDoesNotFollow() {
        BackendState state = new BackendState();
        state.apply(TurnEventCodec.decode(EPOCH));
        state.apply(TurnEventCodec.decode(ATTACH));
        BackendAudit audit = new BackendAudit();
        audit.begin(BackendSnapshot.of(state).bytes());
        audit.apply(BEGIN);
        assertThrows(IllegalTransitionException.class, () -> audit.apply(BEGIN));
        assertThrows(
                CorruptRecordException.class, () -> BackendAudit.describe(new byte[] {1, 2, 3}));
    }
}
