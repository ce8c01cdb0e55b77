package io.chainring.ring.virtqueue;

import java.util.ArrayDeque;

/** What driver and device are together: a queue of as many values as the ring has descriptors. */
public class BoundedQueue {
    private final ArrayDeque<Integer> values = new ArrayDeque<>();

    /** False when the queue is full. */
    public boolean publish(int value) {
        return values.size() < PublishTakeLincheckTest.SIZE && values.add(value);
    }

    /** The oldest value, or 0 when the queue is empty. */
    public int take() {
        Integer value = values.poll();
        return value == null ? 0 : value;
    }
}
