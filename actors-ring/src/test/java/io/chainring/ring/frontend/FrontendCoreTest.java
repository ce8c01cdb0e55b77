package io.chainring.ring.frontend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.ring.memory.RingViolationException;
import io.chainring.ring.request.ChainRequest;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.Operation;
import io.chainring.ring.request.RequestHeader;
import io.chainring.ring.request.RequestParser;
import io.chainring.ring.transport.Outstanding;
import io.chainring.ring.virtqueue.ChainBuffers;
import io.chainring.ring.virtqueue.DeviceQueue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class FrontendCoreTest {
    private static final long CAPACITY_BYTES = 1L << 30;

    private final RingShape shape = new RingShape(16, 8L << 20);
    private final FrontendCore frontend = new FrontendCore(shape);
    private final DeviceQueue device = new DeviceQueue(frontend.memory(), frontend.layout(), true);
    private final ChainBuffers buffers = new ChainBuffers(128, 64 << 20);
    private final ChainRequest parsed = new ChainRequest();
    private final RequestParser parser = new RequestParser();

    private BlockRequest request(Operation operation, long offset, int length, int flags) {
        boolean carries = operation == Operation.READ || operation == Operation.WRITE;
        @Nullable Payload payload = carries ? frontend.payloads().allocate(length) : null;
        return new BlockRequest(operation, offset, length, flags, payload, offset);
    }

    private int takeAndParse() {
        int head = device.take();
        assertTrue(head >= 0);
        device.read(head, buffers);
        assertEquals(ChainStatus.OK, parser.parse(buffers, CAPACITY_BYTES, true, parsed));
        return head;
    }

    private void complete(int head, byte status, int written) {
        parsed.setStatus(status);
        device.publishUsed(head, written + 1);
        device.flushUsed();
    }

    @Test
    void eachOperationArrivesAsItWasMeant() {
        frontend.submit(
                List.of(
                        request(Operation.READ, 4096, 8192, 0),
                        request(Operation.WRITE, 512, 1024, RequestHeader.FLAG_FUA),
                        request(Operation.FLUSH, 0, 0, 0),
                        request(Operation.WRITE_ZEROES, 1 << 20, 4096, RequestHeader.FLAG_UNMAP),
                        request(Operation.DISCARD, 2 << 20, 4096, 0)));
        long[][] expected = {
            {4096, 8192, 0}, {512, 1024, 1}, {0, 0, 0}, {1 << 20, 4096, 2}, {2 << 20, 4096, 0}
        };
        Operation[] operations = {
            Operation.READ,
            Operation.WRITE,
            Operation.FLUSH,
            Operation.WRITE_ZEROES,
            Operation.DISCARD
        };
        for (int i = 0; i < operations.length; i++) {
            takeAndParse();
            assertEquals(operations[i], parsed.operation());
            assertEquals(expected[i][0], parsed.offsetBytes());
            assertEquals(expected[i][1], parsed.lengthBytes());
            assertEquals(expected[i][2], parsed.flags());
        }
        assertEquals(-1, device.take());
    }

    @Test
    void aPayloadOfManySegmentsGoesThroughAnIndirectTable() {
        int length = 5 * PayloadPool.SLAB_BYTES + 512;
        frontend.submit(List.of(request(Operation.WRITE, 0, length, 0)));
        takeAndParse();
        assertEquals(6, parsed.dataCount());
        assertEquals(length, parsed.dataBytes());
    }

    @Test
    void aCompletionIsTakenOnceWithItsStatus() {
        frontend.submit(List.of(request(Operation.READ, 0, 512, 0)));
        complete(takeAndParse(), ChainStatus.NOSPC, 512);
        List<BlockRequest> completed = new ArrayList<>();
        frontend.drain(completed);
        frontend.drain(completed);
        assertEquals(1, completed.size());
        assertEquals(ChainStatus.NOSPC, completed.get(0).status());
        assertEquals(512, completed.get(0).writtenBytes());
        assertEquals(0, frontend.outstandingRequests());
    }

    @Test
    void aUsedElementThatNothingAnswersToBreaksTheRing() {
        frontend.submit(List.of(request(Operation.FLUSH, 0, 0, 0)));
        int head = takeAndParse();
        complete(head, ChainStatus.OK, 0);
        List<BlockRequest> completed = new ArrayList<>();
        frontend.drain(completed);
        frontend.submit(
                List.of(request(Operation.FLUSH, 0, 0, 0), request(Operation.FLUSH, 0, 0, 0)));
        int first = takeAndParse();
        takeAndParse();
        complete(first, ChainStatus.OK, 0);
        device.publishUsed(first, 1);
        device.flushUsed();
        assertThrows(RingViolationException.class, () -> frontend.drain(completed));
    }

    @Test
    void moreThanTheShapeAllowsIsRefusedWhole() {
        List<BlockRequest> tooMany = new ArrayList<>();
        for (int i = 0; i <= shape.maxOutstandingRequests(); i++) {
            tooMany.add(request(Operation.FLUSH, 0, 0, 0));
        }
        assertThrows(IllegalStateException.class, () -> frontend.submit(tooMany));
        assertEquals(0, frontend.outstandingRequests());
        assertEquals(0, device.available());
    }

    @Test
    void requestsThatNoChainCanExpressEndAsInvalid() {
        BlockRequest tooLong = new BlockRequest(Operation.DISCARD, 0, 1L << 41, 0, null, 1);
        BlockRequest withoutData = new BlockRequest(Operation.READ, 0, 512, 0, null, 2);
        frontend.submit(List.of(tooLong, withoutData));
        assertTrue(frontend.hasRefused());
        List<BlockRequest> completed = new ArrayList<>();
        frontend.drain(completed);
        assertEquals(List.of(tooLong, withoutData), completed);
        assertEquals(ChainStatus.INVALID, tooLong.status());
        assertEquals(0, device.available());
    }

    @Test
    void aPayloadThatIsNoPartOfTheRequestEndsAsInvalid() {
        Payload longer = frontend.payloads().allocate(1024);
        BlockRequest mismatched = new BlockRequest(Operation.WRITE, 0, 512, 0, longer, 1);
        FrontendCore small = new FrontendCore(new RingShape(4, 4L * PayloadPool.SLAB_BYTES));
        int lengthBytes = 3 * PayloadPool.SLAB_BYTES;
        BlockRequest wide =
                new BlockRequest(
                        Operation.READ,
                        0,
                        lengthBytes,
                        0,
                        small.payloads().allocate(lengthBytes),
                        2);
        List<BlockRequest> completed = new ArrayList<>();
        frontend.submit(List.of(mismatched));
        frontend.drain(completed);
        small.submit(List.of(wide));
        small.drain(completed);
        assertEquals(List.of(mismatched, wide), completed);
        assertEquals(ChainStatus.INVALID, mismatched.status());
        assertEquals(ChainStatus.INVALID, wide.status(), "five buffers in a ring of four");
        small.submit(List.of(new BlockRequest(Operation.FLUSH, 0, 0, 0, null, 3)));
        assertEquals(1, small.outstandingRequests(), "the ring goes on");
    }

    @Test
    void itIntroducesItselfInTheOrderOfSubmissionWithGenerations() {
        frontend.submit(
                List.of(request(Operation.FLUSH, 0, 0, 0), request(Operation.READ, 0, 512, 0)));
        int first = takeAndParse();
        int second = device.take();
        device.read(first, buffers);
        parser.parse(buffers, CAPACITY_BYTES, true, parsed);
        complete(first, ChainStatus.OK, 0);
        frontend.drain(new ArrayList<>());
        frontend.submit(List.of(request(Operation.FLUSH, 0, 0, 0)));
        int third = device.take();
        Outstanding outstanding = frontend.introduce();
        assertArrayEquals(new int[] {second, third}, outstanding.heads());
        assertEquals(1, outstanding.generations()[0]);
        assertEquals(third == first ? 2 : 1, outstanding.generations()[1]);
        assertEquals(3, outstanding.availableIndex());
    }

    @Test
    void givingUpEndsEverythingOnce() {
        BlockRequest flush = request(Operation.FLUSH, 0, 0, 0);
        frontend.submit(List.of(flush));
        List<BlockRequest> ended = new ArrayList<>();
        frontend.giveUp(ChainStatus.IOERR, ended);
        frontend.giveUp(ChainStatus.IOERR, ended);
        assertEquals(List.of(flush), ended);
        assertEquals(ChainStatus.IOERR, flush.status());
        assertNotNull(frontend.memory());
    }
}
