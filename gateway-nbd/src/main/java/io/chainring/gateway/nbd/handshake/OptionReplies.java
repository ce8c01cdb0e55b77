package io.chainring.gateway.nbd.handshake;

import io.chainring.gateway.nbd.protocol.NbdProtocol;
import io.chainring.gateway.nbd.setup.NbdExport;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * Writes option replies of the handshake (specification, "Fixed newstyle negotiation").
 *
 * <pre>
 * | u64 0x3e889045565a9 | u32 option | u32 reply type | u32 length | data |
 * </pre>
 */
final class OptionReplies {
    private OptionReplies() {}

    static void greeting(ByteBuf out) {
        out.writeLong(NbdProtocol.INIT_PASSWD);
        out.writeLong(NbdProtocol.IHAVEOPT);
        out.writeShort(NbdProtocol.FLAG_FIXED_NEWSTYLE | NbdProtocol.FLAG_NO_ZEROES);
    }

    static void acknowledge(ByteBuf out, int option) {
        header(out, option, NbdProtocol.REP_ACK, 0);
    }

    static void error(ByteBuf out, int option, int replyType, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int lengthBytes = Math.min(bytes.length, NbdProtocol.MAX_STRING_BYTES);
        header(out, option, replyType, lengthBytes);
        out.writeBytes(bytes, 0, lengthBytes);
    }

    static void server(ByteBuf out, NbdExport export) {
        byte[] name = export.name().getBytes(StandardCharsets.UTF_8);
        byte[] description = export.description().getBytes(StandardCharsets.UTF_8);
        header(
                out,
                NbdProtocol.OPT_LIST,
                NbdProtocol.REP_SERVER,
                Integer.BYTES + name.length + description.length);
        out.writeInt(name.length);
        out.writeBytes(name);
        out.writeBytes(description);
    }

    static void infoExport(ByteBuf out, int option, long sizeBytes, int transmissionFlags) {
        header(out, option, NbdProtocol.REP_INFO, 12);
        out.writeShort(NbdProtocol.INFO_EXPORT);
        out.writeLong(sizeBytes);
        out.writeShort(transmissionFlags);
    }

    static void infoBlockSize(ByteBuf out, int option, int maxPayloadBytes) {
        header(out, option, NbdProtocol.REP_INFO, 14);
        out.writeShort(NbdProtocol.INFO_BLOCK_SIZE);
        out.writeInt(NbdProtocol.MIN_BLOCK_BYTES);
        out.writeInt(NbdProtocol.PREFERRED_BLOCK_BYTES);
        out.writeInt(maxPayloadBytes);
    }

    static void infoText(ByteBuf out, int option, int infoType, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        header(out, option, NbdProtocol.REP_INFO, Short.BYTES + bytes.length);
        out.writeShort(infoType);
        out.writeBytes(bytes);
    }

    static void metaContext(ByteBuf out, int option, int contextId) {
        byte[] name = NbdProtocol.BASE_ALLOCATION.getBytes(StandardCharsets.UTF_8);
        header(out, option, NbdProtocol.REP_META_CONTEXT, Integer.BYTES + name.length);
        out.writeInt(contextId);
        out.writeBytes(name);
    }

    private static void header(ByteBuf out, int option, int replyType, int lengthBytes) {
        out.writeLong(NbdProtocol.OPTION_REPLY_MAGIC);
        out.writeInt(option);
        out.writeInt(replyType);
        out.writeInt(lengthBytes);
    }
}
