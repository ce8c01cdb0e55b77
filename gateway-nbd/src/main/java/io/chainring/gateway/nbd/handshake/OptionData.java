package io.chainring.gateway.nbd.handshake;

import io.chainring.gateway.nbd.protocol.NbdProtocol;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Reads the data of one option; whatever does not fit is a {@link MalformedOptionException}. */
final class OptionData {
    private final ByteBuf data;

    OptionData(ByteBuf data) {
        this.data = data;
    }

    /** A string of the protocol, its length given before it as 32 bits. */
    String string(String what) throws MalformedOptionException {
        int lengthBytes = int32(what + " length");
        if (lengthBytes < 0 || lengthBytes > data.readableBytes()) {
            throw new MalformedOptionException(
                    "%s of %s bytes, but only %s bytes follow"
                            .formatted(
                                    what,
                                    Integer.toUnsignedString(lengthBytes),
                                    data.readableBytes()));
        }
        return text(what, lengthBytes);
    }

    /** The rest of the data as one string. */
    String rest(String what) throws MalformedOptionException {
        return text(what, data.readableBytes());
    }

    int int16(String what) throws MalformedOptionException {
        need(what, Short.BYTES);
        return data.readUnsignedShort();
    }

    int int32(String what) throws MalformedOptionException {
        need(what, Integer.BYTES);
        return data.readInt();
    }

    void end() throws MalformedOptionException {
        if (data.isReadable()) {
            throw new MalformedOptionException(data.readableBytes() + " bytes too many");
        }
    }

    private void need(String what, int lengthBytes) throws MalformedOptionException {
        if (data.readableBytes() < lengthBytes) {
            throw new MalformedOptionException(what + " is missing");
        }
    }

    private String text(String what, int lengthBytes) throws MalformedOptionException {
        if (lengthBytes > NbdProtocol.MAX_STRING_BYTES) {
            throw new MalformedOptionException(
                    "%s of %s bytes is longer than %s"
                            .formatted(what, lengthBytes, NbdProtocol.MAX_STRING_BYTES));
        }
        byte[] bytes = new byte[lengthBytes];
        data.readBytes(bytes);
        for (byte b : bytes) {
            if (b == 0) {
                throw new MalformedOptionException(what + " contains NUL");
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedOptionException(what + " is not UTF-8", e);
        }
    }

    /** The data of an option is not what the specification says; the message says how. */
    static final class MalformedOptionException extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedOptionException(String message) {
            super(message);
        }

        MalformedOptionException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
