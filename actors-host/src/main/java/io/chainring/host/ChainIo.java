package io.chainring.host;

import io.chainring.host.store.BlockStore;
import io.chainring.ring.execute.Chain;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.Operation;
import io.chainring.ring.request.RequestHeader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Executes single chains against a store, on whatever thread it is called. Everything that a store may
 * throw, except an {@link Error}, ends that chain and nothing else (scenario H2). Stable storage is not
 * its business: {@link HostCore} gathers what waits for a sync.
 */
final class ChainIo {
    private static final Logger LOG = LoggerFactory.getLogger(ChainIo.class);

    private final BlockStore store;
    private final byte[] identity;
    private final QuietLog quiet;
    private final DeadlyChains deadly;
    private final PieceProgress pieces;

    /**
     * @param serial the disk's identity for GET_ID, cut or filled up with zeros to 20 bytes (virtio 1.2,
     *     section 5.2.6)
     */
    ChainIo(BlockStore store, String serial, DeadlyChains deadly, PieceProgress pieces) {
        this.store = store;
        this.deadly = deadly;
        this.pieces = pieces;
        this.quiet = new QuietLog(store.name());
        this.identity =
                Arrays.copyOf(serial.getBytes(StandardCharsets.UTF_8), RequestHeader.ID_BYTES);
    }

    /**
     * Executes the chain, or its next piece, and sets its outcome when it is done.
     *
     * @return false when there are pieces left: call again, now or later, also by another host
     * @throws Error what the store threw; it is counted, and after the limit the chain ends with an I/O error
     */
    boolean execute(Chain chain) {
        if (deadly.isTooDeadly(chain)) {
            chain.finish(ChainStatus.IOERR, 0);
            LOG.error(
                    "{}: {} ends with an I/O error: the store threw an Error each time it was executed"
                            + " (chainring.host.deadly-limit-deaths)",
                    store.name(),
                    chain);
        } else if (!attempt(chain)) {
            return false;
        }
        deadly.ended(chain);
        pieces.ended(chain);
        return true;
    }

    private boolean attempt(Chain chain) {
        try {
            if (isLong(chain) && !runPiece(chain)) {
                return false;
            }
            chain.finish(ChainStatus.OK, isLong(chain) ? 0 : run(chain));
        } catch (IOException e) {
            byte status = StatusMapping.statusOf(e);
            chain.finish(status, 0);
            if (status != ChainStatus.UNSUPP) {
                quiet.log(
                        LOG,
                        Level.WARN,
                        "{}: {} failed: {}",
                        chain,
                        String.valueOf(e.getMessage()));
            }
        } catch (RuntimeException e) {
            chain.finish(ChainStatus.IOERR, 0);
            quiet.log(LOG, Level.ERROR, "{}: {} failed unexpectedly", chain, e);
        } catch (Error e) {
            deadly.died(chain);
            throw e;
        }
        return true;
    }

    /** Whether how long it takes is a matter of what stands in its range, and not of bytes that were sent. */
    static boolean isLong(Chain chain) {
        return switch (chain.operation()) {
            case DISCARD, WRITE_ZEROES -> true;
            case READ, WRITE, FLUSH, GET_ID, EXTENTS -> false;
        };
    }

    /** Returns whether it was the last one. */
    private boolean runPiece(Chain chain) throws IOException {
        PieceProgress.Piece piece = pieces.next(chain, store);
        if (chain.operation() == Operation.DISCARD) {
            store.discard(piece.offsetBytes(), piece.lengthBytes());
        } else {
            boolean mayUnmap = (chain.flags() & RequestHeader.FLAG_UNMAP) != 0;
            boolean fastOnly = (chain.flags() & RequestHeader.FLAG_FAST_ZERO) != 0;
            store.writeZeroes(piece.offsetBytes(), piece.lengthBytes(), mayUnmap, fastOnly);
        }
        if (!piece.isLast()) {
            pieces.done(chain, piece);
        }
        return piece.isLast();
    }

    /** Syncs the store: the status of all that waited for it. */
    byte sync() {
        if (deadly.isTooDeadly(null)) {
            LOG.error(
                    "{}: a sync ends with an I/O error: the store threw an Error each time"
                            + " (chainring.host.deadly-limit-deaths)",
                    store.name());
            deadly.ended(null);
            return ChainStatus.IOERR;
        }
        byte status = attemptSync();
        deadly.ended(null);
        return status;
    }

    private byte attemptSync() {
        try {
            store.flush();
            return ChainStatus.OK;
        } catch (IOException e) {
            quiet.log(LOG, Level.WARN, "{}: sync failed: {}", String.valueOf(e.getMessage()));
            return StatusMapping.statusOf(e);
        } catch (RuntimeException e) {
            quiet.log(LOG, Level.ERROR, "{}: sync failed unexpectedly", e);
            return ChainStatus.IOERR;
        } catch (Error e) {
            deadly.died(null);
            throw e;
        }
    }

    private int run(Chain chain) throws IOException {
        long offset = chain.offsetBytes();
        long length = chain.lengthBytes();
        switch (chain.operation()) {
            case READ -> {
                store.read(offset, chain.data());
                return (int) length;
            }
            case WRITE -> store.write(offset, chain.data());
            case GET_ID -> {
                return new Scatter(chain.data()).put(identity, identity.length);
            }
            case EXTENTS -> {
                return new ExtentWriter(chain.data()).write(store, offset, length);
            }
            case DISCARD, WRITE_ZEROES ->
                    throw new IllegalStateException(chain.operation() + " goes in pieces");
            case FLUSH -> throw new IllegalStateException("a flush is a sync, not a call");
        }
        return 0;
    }
}
