package io.chainring.host.store;

/** Takes the parts of a range that {@link BlockStore#extents} finds, in order. */
@FunctionalInterface
public interface ExtentConsumer {

    /**
     * @param lengthBytes length of this part, at least 1
     * @param hole it holds no data; the system may or may not have taken space for it
     * @param zero it is known to read as zeros
     * @return false to end the walk
     */
    boolean extent(long lengthBytes, boolean hole, boolean zero);
}
