package io.chainring.gateway.nbd.connection;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import io.chainring.base.log.RateLimitedLog;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.slf4j.LoggerFactory;

/**
 * Asks the kernel whether there is unread data, and whether the other end of a stream socket is closed, also while there
 * is: poll(2) with {@code POLLRDHUP}, which is Linux's own.
 *
 * <pre>
 * struct pollfd | s32 fd | u16 events | u16 revents |
 * </pre>
 */
final class PeerState {
    private static final RateLimitedLog LOG =
            new RateLimitedLog(LoggerFactory.getLogger(PeerState.class));
    private static final String POLL = "poll(2)";
    private static final short POLLIN = 0x0001;
    private static final short POLLERR = 0x0008;
    private static final short POLLHUP = 0x0010;
    private static final short POLLRDHUP = 0x2000;
    private static final int REVENTS_AT = 6;
    private static final int EINTR = 4;
    private static final boolean AVAILABLE = register();

    private PeerState() {}

    private static boolean register() {
        try {
            if (!Platform.isLinux()) {
                return false;
            }
            Native.register(PeerState.class, Platform.C_LIBRARY_NAME);
            return true;
        } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
            LOG.warn(POLL, "A closed client cannot be told from a busy one: {}", e.toString());
            return false;
        }
    }

    /** A signal to the thread may end the call before it has looked: then it is made again. */
    private static int pollUninterrupted(byte[] descriptors) {
        while (true) {
            try {
                return poll(descriptors, 1, 0);
            } catch (LastErrorException e) {
                if (e.getErrorCode() != EINTR) {
                    throw e;
                }
            }
        }
    }

    private static native int poll(byte[] descriptors, long count, int timeoutMillis)
            throws LastErrorException;

    /** True when something has arrived that is not read, or the end of the stream; false also where that cannot be asked. */
    static boolean hasUnread(int descriptor) {
        return (ask(descriptor, POLLIN) & POLLIN) != 0;
    }

    /** True when the peer has closed its end, or the connection is broken; false also where that cannot be asked. */
    static boolean isGone(int descriptor) {
        return (ask(descriptor, POLLRDHUP) & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
    }

    /** What poll(2) finds at once; 0 for nothing. */
    private static int ask(int descriptor, short events) {
        if (!AVAILABLE) {
            return 0;
        }
        ByteBuffer asked = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
        asked.putInt(descriptor).putShort(events);
        int found;
        try {
            found = pollUninterrupted(asked.array());
        } catch (LastErrorException e) {
            // Out of memory: nothing is known, and who may live is not closed.
            LOG.debug(POLL, "descriptor {} cannot be polled", descriptor, e);
            return 0;
        }
        return found > 0 ? asked.getShort(REVENTS_AT) : 0;
    }
}
