package io.chainring.gateway.nbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.gateway.nbd.handshake.Handshake;
import io.chainring.gateway.nbd.protocol.NbdProtocol;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The options of the handshake, good and bad. */
class HandshakeTest extends HandshakeBench {
    @Test
    void greetsWithFixedNewstyleAndNoZeroes() {
        ByteBuf out = Unpooled.buffer();
        handshake.greet(out);
        assertEquals(0x4e42444d41474943L, out.readLong());
        assertEquals(0x49484156454F5054L, out.readLong());
        assertEquals(3, out.readShort());
        assertFalse(out.isReadable());
    }

    @Test
    void unknownClientFlagsEndIt() {
        assertEquals(Handshake.Verdict.CLOSE, feed(flags(4)).verdict());
        assertTrue(handshake.problem().contains("0x4"));
    }

    @Test
    void oldNewstyleMayOnlyNameAnExport() {
        assertEquals(
                Handshake.Verdict.CLOSE, feed(flags(0), option(NbdProtocol.OPT_LIST)).verdict());
        handshake = handshake("");
        assertEquals(
                Handshake.Verdict.OPEN,
                feed(flags(0), option(NbdProtocol.OPT_EXPORT_NAME, bytes("a"))).verdict());
    }

    @Test
    void badOptionMagicEndsIt() {
        haggle();
        assertEquals(Handshake.Verdict.CLOSE, feed(ByteBuffer.allocate(16)).verdict());
    }

    @Test
    void listNamesEveryExport() {
        haggle();
        Step step = feed(option(NbdProtocol.OPT_LIST));
        assertEquals(
                List.of(NbdProtocol.REP_SERVER, NbdProtocol.REP_SERVER, NbdProtocol.REP_ACK),
                step.types());
        assertTrue(step.out().toString(StandardCharsets.UTF_8).contains("disk b"));
    }

    static Stream<Arguments> malformed() {
        byte[] go = TestClient.exportData("a");
        return Stream.of(
                Arguments.of("LIST with data", NbdProtocol.OPT_LIST, new byte[] {1}),
                Arguments.of(
                        "STRUCTURED_REPLY with data",
                        NbdProtocol.OPT_STRUCTURED_REPLY,
                        new byte[4]),
                Arguments.of("STARTTLS with data", NbdProtocol.OPT_STARTTLS, new byte[1]),
                Arguments.of("GO without data", NbdProtocol.OPT_GO, new byte[0]),
                Arguments.of("GO cut in the name", NbdProtocol.OPT_GO, Arrays.copyOf(go, 4)),
                Arguments.of("GO cut in the count", NbdProtocol.OPT_GO, Arrays.copyOf(go, 6)),
                Arguments.of(
                        "GO with a tail", NbdProtocol.OPT_GO, Arrays.copyOf(go, go.length + 1)),
                Arguments.of(
                        "GO with missing requests",
                        NbdProtocol.OPT_GO,
                        new byte[] {0, 0, 0, 1, 'a', 0, 9, 0, 0}),
                Arguments.of(
                        "GO with a name of 2^32-1",
                        NbdProtocol.OPT_GO,
                        new byte[] {-1, -1, -1, -1, 0, 0}),
                Arguments.of("GO with NUL", NbdProtocol.OPT_GO, new byte[] {0, 0, 0, 1, 0, 0, 0}),
                Arguments.of(
                        "GO with broken UTF-8",
                        NbdProtocol.OPT_GO,
                        new byte[] {0, 0, 0, 1, -1, 0, 0}),
                Arguments.of(
                        "GO with a name of 4097",
                        NbdProtocol.OPT_GO,
                        TestClient.exportData("x".repeat(4097))),
                Arguments.of(
                        "INFO with a tail", NbdProtocol.OPT_INFO, Arrays.copyOf(go, go.length + 2)),
                Arguments.of(
                        "contexts without data", NbdProtocol.OPT_SET_META_CONTEXT, new byte[0]),
                Arguments.of(
                        "contexts without count",
                        NbdProtocol.OPT_LIST_META_CONTEXT,
                        Arrays.copyOf(go, 5)),
                Arguments.of(
                        "contexts with too many queries",
                        NbdProtocol.OPT_SET_META_CONTEXT,
                        new byte[] {0, 0, 0, 1, 'a', -1, -1, -1, -1}),
                Arguments.of(
                        "contexts with a tail",
                        NbdProtocol.OPT_SET_META_CONTEXT,
                        Arrays.copyOf(TestClient.contextData("a"), 20)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("malformed")
    void malformedOptionsGetAnErrorAndTheHandshakeGoesOn(String what, int option, byte[] data) {
        haggle();
        feed(option(NbdProtocol.OPT_STRUCTURED_REPLY));
        Step step = feed(option(option, data));
        assertEquals(Handshake.Verdict.MORE, step.verdict());
        assertEquals(List.of(NbdProtocol.REP_ERR_INVALID), step.types());
        assertEquals(
                Handshake.Verdict.OPEN,
                feed(option(NbdProtocol.OPT_GO, TestClient.exportData("a"))).verdict());
    }

    @Test
    void malformedExportNameEndsIt() {
        for (byte[] name :
                List.of(
                        new byte[] {0},
                        new byte[] {-1},
                        bytes("x".repeat(4097)),
                        bytes("nobody"))) {
            handshake = handshake("");
            haggle();
            assertEquals(
                    Handshake.Verdict.CLOSE,
                    feed(option(NbdProtocol.OPT_EXPORT_NAME, name)).verdict());
            assertFalse(handshake.problem().isEmpty());
        }
    }

    @Test
    void unknownOptionsAreUnsupported() {
        haggle();
        for (int option : new int[] {0, 4, 11, 12, 99, -1}) {
            assertEquals(
                    List.of(NbdProtocol.REP_ERR_UNSUP), feed(option(option, (byte) 1)).types());
        }
    }

    @Test
    void dataOverTheLimitIsSkippedAndFarBeyondItEndsIt() {
        haggle();
        int limit = TestServer.settings("").maxOptionBytes();
        Step step =
                feed(
                        option(NbdProtocol.OPT_LIST, new byte[limit + 1]),
                        option(NbdProtocol.OPT_LIST));
        assertEquals(NbdProtocol.REP_ERR_TOO_BIG, step.types().get(0));
        assertEquals(NbdProtocol.REP_ACK, step.types().get(3));
        ByteBuffer huge =
                ByteBuffer.allocate(16)
                        .putLong(NbdProtocol.IHAVEOPT)
                        .putInt(NbdProtocol.OPT_LIST)
                        .putInt(4 * limit + 1)
                        .flip();
        assertEquals(Handshake.Verdict.CLOSE, feed(huge).verdict());
    }

    @Test
    void tooManyOptionsEndIt() {
        handshake = handshake("chainring.nbd.max-options-per-handshake = 3");
        haggle();
        for (int i = 0; i < 3; i++) {
            assertEquals(Handshake.Verdict.MORE, feed(option(NbdProtocol.OPT_LIST)).verdict());
        }
        assertEquals(Handshake.Verdict.CLOSE, feed(option(NbdProtocol.OPT_LIST)).verdict());
    }

    @Test
    void abortIsAcknowledgedAndEndsIt() {
        haggle();
        Step step = feed(option(NbdProtocol.OPT_ABORT));
        assertEquals(Handshake.Verdict.CLOSE, step.verdict());
        assertEquals(List.of(NbdProtocol.REP_ACK), step.types());
        assertEquals("", handshake.problem());
    }

    @Test
    void infoDescribesWithoutOpening() {
        haggle();
        byte[] asked =
                ByteBuffer.allocate(13).putInt(1).put((byte) 'b').putShort((short) 4).array();
        ByteBuffer data = ByteBuffer.wrap(asked).position(5);
        data.putShort((short) 3).putShort((short) 1).putShort((short) 2).putShort((short) 77);
        Step step = feed(option(NbdProtocol.OPT_INFO, asked));
        assertEquals(Handshake.Verdict.MORE, step.verdict());
        assertEquals(
                List.of(
                        NbdProtocol.REP_INFO,
                        NbdProtocol.REP_INFO,
                        NbdProtocol.REP_INFO,
                        NbdProtocol.REP_INFO,
                        NbdProtocol.REP_ACK),
                step.types());
        step.out().skipBytes(20);
        assertEquals(NbdProtocol.INFO_EXPORT, step.out().readShort());
        assertEquals(1 << 20, step.out().readLong());
        int flags = step.out().readShort();
        assertTrue((flags & NbdProtocol.FLAG_READ_ONLY) != 0);
        assertEquals(0, flags & (NbdProtocol.FLAG_SEND_TRIM | NbdProtocol.FLAG_SEND_WRITE_ZEROES));
    }

    @Test
    void unknownExportsAreSaidToBeUnknown() {
        haggle();
        assertEquals(
                List.of(NbdProtocol.REP_ERR_UNKNOWN),
                feed(option(NbdProtocol.OPT_GO, TestClient.exportData("nobody"))).types());
        assertEquals(
                List.of(NbdProtocol.REP_ERR_UNKNOWN),
                feed(option(NbdProtocol.OPT_INFO, TestClient.exportData(""))).types());
    }

    @Test
    void theEmptyNameIsTheOnlyExport() {
        exports.remove(1);
        haggle();
        assertEquals(
                Handshake.Verdict.OPEN,
                feed(option(NbdProtocol.OPT_GO, TestClient.exportData(""))).verdict());
        assertEquals("a", handshake.export().name());
    }

    @Test
    void goAnswersOnlyWhenTheRingIsOpen() {
        haggle();
        Step step = feed(option(NbdProtocol.OPT_GO, TestClient.exportData("a")));
        assertEquals(Handshake.Verdict.OPEN, step.verdict());
        assertFalse(step.out().isReadable());
        ByteBuf out = Unpooled.buffer();
        handshake.opened(1 << 20, 1 << 16, out);
        Step answer = new Step(Handshake.Verdict.MORE, out, Unpooled.EMPTY_BUFFER);
        assertEquals(
                List.of(NbdProtocol.REP_INFO, NbdProtocol.REP_INFO, NbdProtocol.REP_ACK),
                answer.types());
    }

    @Test
    void refusedRingsSendGoBackToTheOptions() {
        haggle();
        feed(option(NbdProtocol.OPT_GO, TestClient.exportData("a")));
        ByteBuf out = Unpooled.buffer();
        assertEquals(Handshake.Verdict.MORE, handshake.refused("full", out));
        assertEquals(
                List.of(NbdProtocol.REP_ERR_POLICY),
                new Step(Handshake.Verdict.MORE, out, Unpooled.EMPTY_BUFFER).types());
        assertEquals(
                Handshake.Verdict.OPEN,
                feed(option(NbdProtocol.OPT_GO, TestClient.exportData("b"))).verdict());
    }

    @Test
    void exportNameHasZeroesUnlessTheClientDeclines() {
        feed(flags(1), option(NbdProtocol.OPT_EXPORT_NAME, bytes("a")));
        ByteBuf out = Unpooled.buffer();
        handshake.opened(1 << 20, 1 << 25, out);
        assertEquals(134, out.readableBytes());
        handshake = handshake("");
        feed(flags(3), option(NbdProtocol.OPT_EXPORT_NAME, bytes("a")));
        out.clear();
        handshake.opened(1 << 20, 1 << 25, out);
        assertEquals(10, out.readableBytes());
        assertEquals(1 << 20, out.readLong());
        assertEquals(Handshake.Verdict.CLOSE, handshake.refused("late", out));
    }

    @Test
    void shutDownAnswersOptionsWithAnError() {
        haggle();
        shuttingDown = true;
        assertEquals(
                List.of(NbdProtocol.REP_ERR_SHUTDOWN),
                feed(option(NbdProtocol.OPT_GO, TestClient.exportData("a"))).types());
        assertEquals(List.of(NbdProtocol.REP_ACK), feed(option(NbdProtocol.OPT_ABORT)).types());
    }

    @Test
    void piecesOfAnyLengthGiveTheSameAnswers() {
        ByteBuf all = Unpooled.buffer();
        all.writeInt(3);
        all.writeBytes(option(NbdProtocol.OPT_LIST));
        all.writeBytes(option(NbdProtocol.OPT_STRUCTURED_REPLY));
        all.writeBytes(
                option(
                        NbdProtocol.OPT_LIST,
                        new byte[TestServer.settings("").maxOptionBytes() + 512]));
        all.writeBytes(option(NbdProtocol.OPT_GO, TestClient.exportData("a")));
        ByteBuf whole = Unpooled.buffer();
        assertEquals(Handshake.Verdict.OPEN, handshake.feed(all.duplicate(), whole));
        handshake = handshake("");
        ByteBuf in = Unpooled.buffer();
        ByteBuf pieces = Unpooled.buffer();
        Handshake.Verdict verdict = Handshake.Verdict.MORE;
        while (all.isReadable()) {
            assertEquals(Handshake.Verdict.MORE, verdict);
            in.writeByte(all.readByte());
            verdict = handshake.feed(in, pieces);
        }
        assertEquals(Handshake.Verdict.OPEN, verdict);
        assertEquals(whole, pieces);
    }
}
