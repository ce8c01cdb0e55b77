package io.chainring.ring.memory;

/**
 * The other side of a ring wrote something that no correct side writes: an index out of range, an
 * address outside the memory, a loop of descriptors. It is an error of that one ring: the ring is
 * broken until it is set up anew, and nothing else is touched. The message names the field of the
 * ring and the value found in it.
 */
public final class RingViolationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Creates a violation; the message names the field and its value. */
    public RingViolationException(String message) {
        super(message);
    }
}
