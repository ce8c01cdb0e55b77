package io.chainring.host;

import io.chainring.ring.execute.Chain;
import io.chainring.ring.request.Operation;
import java.nio.ByteBuffer;

/** Makes chains for the host's tests; each has a head and a begin sequence of its own. */
final class Chains {
    private int next;

    Chain read(long offsetBytes, int lengthBytes) {
        return chain(Operation.READ, offsetBytes, lengthBytes, 0, lengthBytes);
    }

    Chain write(long offsetBytes, int lengthBytes, int flags) {
        return chain(Operation.WRITE, offsetBytes, lengthBytes, flags, lengthBytes);
    }

    /** A write that fills the range with that byte. */
    Chain fill(long offsetBytes, int lengthBytes, int value) {
        Chain chain = write(offsetBytes, lengthBytes, 0);
        for (int i = 0; i < lengthBytes; i++) {
            chain.data()[0].put(i, (byte) value);
        }
        return chain;
    }

    Chain flush() {
        return chain(Operation.FLUSH, 0, 0, 0, 0);
    }

    Chain of(Operation operation, long offsetBytes, int lengthBytes, int flags) {
        return chain(operation, offsetBytes, lengthBytes, flags, 0);
    }

    Chain chain(
            Operation operation, long offsetBytes, long lengthBytes, int flags, int... roomBytes) {
        ByteBuffer[] data = new ByteBuffer[roomBytes.length];
        for (int i = 0; i < roomBytes.length; i++) {
            data[i] = ByteBuffer.allocateDirect(roomBytes[i]);
        }
        int number = next++;
        Chain chain = new Chain(1, number, 1, operation, offsetBytes, lengthBytes, flags, data);
        chain.beginSequence(number);
        return chain;
    }
}
