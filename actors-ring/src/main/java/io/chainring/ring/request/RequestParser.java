package io.chainring.ring.request;

import io.chainring.ring.memory.RingFields;
import io.chainring.ring.memory.RingViolationException;
import io.chainring.ring.virtqueue.ChainBuffers;
import java.nio.ByteBuffer;

/**
 * Parses and validates a request in virtio-blk's format (virtio 1.2, section 5.2.6). The header may be
 * scattered over several buffers (section 2.7.4: no assumptions about framing). Whatever is wrong with
 * the request is answered by a status in the chain itself; the ring is only broken by a chain that
 * has no place for a status.
 *
 * <p>A parser holds a scratch buffer and so belongs to one thread.
 */
public final class RequestParser {
    private final ByteBuffer scratch =
            ByteBuffer.allocateDirect(RequestHeader.HEADER_BYTES + RequestHeader.SEGMENT_BYTES);
    private int offsetRest;
    private int lengthRest;
    private int unitBytes;

    /** Creates a parser. */
    public RequestParser() {}

    /**
     * Parses one chain.
     *
     * @param capacityBytes size of the disk; a driver that is not our own reaches its whole sectors
     * @param privateFeatures whether the driver is our own: header flags, ranges that begin and end at any byte,
     *     EXTENTS and the private statuses; without it they are ignored, unsupported and folded to virtio's
     * @param into holds the request when the answer is OK; when it is not, only the place of the status
     * @return OK, or the status to complete the chain with
     * @throws RingViolationException when the chain has no writable byte for a status
     */
    public byte parse(
            ChainBuffers chain, long capacityBytes, boolean privateFeatures, ChainRequest into) {
        into.clear();
        placeStatus(chain, into);
        byte status = parseRequest(chain, capacityBytes, privateFeatures, into);
        return privateFeatures ? status : ChainStatus.forGuest(status);
    }

    private static void placeStatus(ChainBuffers chain, ChainRequest into) {
        int last = chain.writableCount() - 1;
        if (last < 0) {
            throw new RingViolationException("chain has no writable buffer for its status byte");
        }
        into.placeStatus(
                chain.writableRegion(last),
                chain.writableOffsetBytes(last) + chain.writableLengthBytes(last) - 1);
    }

    private byte parseRequest(
            ChainBuffers chain, long capacityBytes, boolean privateFeatures, ChainRequest into) {
        if (chain.readableBytes() < RequestHeader.HEADER_BYTES) {
            return ChainStatus.INVALID;
        }
        copyReadable(chain, 0, RequestHeader.HEADER_BYTES);
        Operation operation =
                Operation.ofWireType((int) RingFields.getU32(scratch, RequestHeader.TYPE));
        if (operation == null || (operation == Operation.EXTENTS && !privateFeatures)) {
            return ChainStatus.UNSUPP;
        }
        int reserved =
                privateFeatures ? (int) RingFields.getU32(scratch, RequestHeader.RESERVED) : 0;
        if ((reserved & ~(RequestHeader.HEADER_FLAGS | RequestHeader.RESTS)) != 0) {
            return ChainStatus.UNSUPP;
        }
        offsetRest = reserved >>> RequestHeader.OFFSET_REST_SHIFT & RequestHeader.REST_MASK;
        lengthRest = reserved >>> RequestHeader.LENGTH_REST_SHIFT & RequestHeader.REST_MASK;
        if (!operation.hasSegment() && lengthRest != 0) {
            return ChainStatus.INVALID;
        }
        unitBytes = privateFeatures ? 1 : RequestHeader.SECTOR_BYTES;
        long sector = RingFields.getU64(scratch, RequestHeader.SECTOR);
        into.operation(operation, reserved & RequestHeader.HEADER_FLAGS);
        return switch (operation) {
            case READ -> parseRead(chain, sector, capacityBytes, into);
            case WRITE -> parseWrite(chain, sector, capacityBytes, into);
            // A driver should not put data into a flush (5.2.6.1); if it does, nobody looks at it.
            case FLUSH -> ChainStatus.OK;
            case GET_ID -> parseGetId(chain, into);
            case DISCARD, WRITE_ZEROES, EXTENTS -> parseSegment(chain, capacityBytes, into);
        };
    }

    private byte parseRead(ChainBuffers chain, long sector, long capacityBytes, ChainRequest into) {
        if (chain.readableBytes() != RequestHeader.HEADER_BYTES) {
            return ChainStatus.INVALID;
        }
        addWritable(chain, into);
        return setRange(sector, into.dataBytes(), capacityBytes, into);
    }

    private byte parseWrite(
            ChainBuffers chain, long sector, long capacityBytes, ChainRequest into) {
        if (chain.writableBytes() != 1) {
            return ChainStatus.INVALID;
        }
        addReadable(chain, into);
        return setRange(sector, into.dataBytes(), capacityBytes, into);
    }

    private static byte parseGetId(ChainBuffers chain, ChainRequest into) {
        addWritable(chain, into);
        return into.dataBytes() == RequestHeader.ID_BYTES ? ChainStatus.OK : ChainStatus.INVALID;
    }

    private byte parseSegment(ChainBuffers chain, long capacityBytes, ChainRequest into) {
        long bytes = chain.readableBytes() - RequestHeader.HEADER_BYTES;
        if (bytes == 0 || bytes % RequestHeader.SEGMENT_BYTES != 0) {
            return ChainStatus.INVALID;
        }
        if (bytes > RequestHeader.SEGMENT_BYTES) {
            return ChainStatus.UNSUPP;
        }
        int at = RequestHeader.HEADER_BYTES;
        copyReadable(chain, at, RequestHeader.SEGMENT_BYTES);
        long sector = RingFields.getU64(scratch, at + RequestHeader.SEGMENT_SECTOR);
        long sectors = RingFields.getU32(scratch, at + RequestHeader.SEGMENT_SECTORS);
        int segmentFlags = (int) RingFields.getU32(scratch, at + RequestHeader.SEGMENT_FLAGS);
        Operation operation = into.operation();
        int known = operation == Operation.WRITE_ZEROES ? RequestHeader.SEGMENT_FLAG_UNMAP : 0;
        if ((segmentFlags & ~known) != 0) {
            return ChainStatus.UNSUPP;
        }
        if (operation == Operation.EXTENTS) {
            addWritable(chain, into);
            if (into.dataBytes() == 0 || into.dataBytes() % ExtentRecord.BYTES != 0) {
                return ChainStatus.INVALID;
            }
        } else if (chain.writableBytes() != 1) {
            return ChainStatus.INVALID;
        }
        if (segmentFlags != 0) {
            into.operation(operation, into.flags() | RequestHeader.FLAG_UNMAP);
        }
        return setRange(
                sector, sectors * RequestHeader.SECTOR_BYTES + lengthRest, capacityBytes, into);
    }

    private byte setRange(long sector, long lengthBytes, long capacityBytes, ChainRequest into) {
        if (lengthBytes == 0 || lengthBytes % unitBytes != 0) {
            return ChainStatus.INVALID;
        }
        if (sector < 0 || sector > capacityBytes / RequestHeader.SECTOR_BYTES) {
            return ChainStatus.INVALID;
        }
        long restBytes = capacityBytes - sector * RequestHeader.SECTOR_BYTES - offsetRest;
        if (lengthBytes > restBytes) {
            return ChainStatus.INVALID;
        }
        into.range(sector * RequestHeader.SECTOR_BYTES + offsetRest, lengthBytes);
        return ChainStatus.OK;
    }

    /** Copies readable bytes to the same place of the scratch buffer: what was checked stays so. */
    private void copyReadable(ChainBuffers chain, int from, int lengthBytes) {
        int skipped = 0;
        int copied = 0;
        for (int i = 0; copied < lengthBytes; i++) {
            int length = chain.readableLengthBytes(i);
            int begin = Math.max(0, from + copied - skipped);
            if (begin < length) {
                int part = Math.min(length - begin, lengthBytes - copied);
                ByteBuffer source = chain.readableRegion(i).bytes();
                scratch.put(from + copied, source, chain.readableOffsetBytes(i) + begin, part);
                copied += part;
            }
            skipped += length;
        }
    }

    private static void addReadable(ChainBuffers chain, ChainRequest into) {
        int skip = RequestHeader.HEADER_BYTES;
        for (int i = 0; i < chain.readableCount(); i++) {
            int length = chain.readableLengthBytes(i);
            if (length > skip) {
                into.addData(
                        chain.readableRegion(i),
                        chain.readableOffsetBytes(i) + skip,
                        length - skip);
                skip = 0;
            } else {
                skip -= length;
            }
        }
    }

    private static void addWritable(ChainBuffers chain, ChainRequest into) {
        int last = chain.writableCount() - 1;
        for (int i = 0; i <= last; i++) {
            int length = chain.writableLengthBytes(i) - (i == last ? 1 : 0);
            if (length > 0) {
                into.addData(chain.writableRegion(i), chain.writableOffsetBytes(i), length);
            }
        }
    }
}
