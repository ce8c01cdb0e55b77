package io.chainring.gateway.nbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultSelectStrategyFactory;
import io.netty.channel.IoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class HandshakeTest {
    private static IoEventLoopGroup loops;

    private final List<NbdExport> exports = new ArrayList<>();
    private boolean shuttingDown;
    private Handshake handshake;

    @BeforeAll
    static void startLoop() {
        loops =
                NbdEventLoops.create(
                        1,
                        new DefaultThreadFactory("handshake-test", true),
                        DefaultSelectStrategyFactory.INSTANCE);
    }

    @AfterAll
    static void stopLoop() {
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @BeforeEach
    void begin() {
        exports.add(export("a", false));
        exports.add(export("b", true));
        handshake = handshake("");
    }

    private static NbdExport export(String name, boolean readOnly) {
        return new NbdExport(
                name,
                "disk " + name,
                1 << 20,
                readOnly,
                new MemoryDisk(name, 1 << 20, Runnable::run),
                loops.next());
    }

    private Handshake handshake(String settings) {
        return new Handshake(TestServer.settings(settings), directory(), () -> shuttingDown);
    }

    private ExportDirectory directory() {
        return new ExportDirectory() {
            @Override
            public List<NbdExport> list() {
                return exports;
            }

            @Override
            public NbdExport find(String name) {
                return exports.stream().filter(e -> e.name().equals(name)).findFirst().orElse(null);
            }
        };
    }

    private record Step(Handshake.Verdict verdict, ByteBuf out, ByteBuf rest) {
        /** The reply types, in order. */
        List<Integer> types() {
            List<Integer> types = new ArrayList<>();
            ByteBuf copy = out.duplicate();
            while (copy.isReadable()) {
                assertEquals(NbdProtocol.OPTION_REPLY_MAGIC, copy.readLong());
                copy.skipBytes(4);
                types.add(copy.readInt());
                copy.skipBytes(copy.readInt());
            }
            return types;
        }
    }

    private Step feed(ByteBuffer... pieces) {
        ByteBuf in = Unpooled.buffer();
        Arrays.stream(pieces).forEach(in::writeBytes);
        ByteBuf out = Unpooled.buffer();
        return new Step(handshake.feed(in, out), out, in);
    }

    private static ByteBuffer flags(int flags) {
        return ByteBuffer.allocate(4).putInt(flags).flip();
    }

    private void haggle() {
        assertEquals(Handshake.Verdict.MORE, feed(flags(3)).verdict());
    }

    private static ByteBuffer option(int option, byte... data) {
        return TestClient.optionBytes(option, data);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

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
                        "query without namespace",
                        NbdProtocol.OPT_SET_META_CONTEXT,
                        TestClient.contextData("a", "allocation")),
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
    void metaContextsNeedStructuredReplies() {
        haggle();
        ByteBuffer set =
                option(
                        NbdProtocol.OPT_SET_META_CONTEXT,
                        TestClient.contextData("a", "base:allocation"));
        assertEquals(List.of(NbdProtocol.REP_ERR_INVALID), feed(set.duplicate()).types());
        feed(option(NbdProtocol.OPT_STRUCTURED_REPLY));
        assertEquals(List.of(NbdProtocol.REP_META_CONTEXT, NbdProtocol.REP_ACK), feed(set).types());
        feed(option(NbdProtocol.OPT_GO, TestClient.exportData("a")));
        assertTrue(handshake.structuredReplies());
        assertTrue(handshake.allocationContext());
    }

    @Test
    void contextsOfAnotherExportDoNotCount() {
        haggle();
        feed(option(NbdProtocol.OPT_STRUCTURED_REPLY));
        feed(
                option(
                        NbdProtocol.OPT_SET_META_CONTEXT,
                        TestClient.contextData("b", "base:allocation")));
        feed(option(NbdProtocol.OPT_GO, TestClient.exportData("a")));
        assertFalse(handshake.allocationContext());
    }

    static Stream<Arguments> queries() {
        int list = NbdProtocol.OPT_LIST_META_CONTEXT;
        int set = NbdProtocol.OPT_SET_META_CONTEXT;
        return Stream.of(
                Arguments.of(list, new String[] {}, true),
                Arguments.of(list, new String[] {"base:"}, true),
                Arguments.of(list, new String[] {"base:allocation"}, true),
                Arguments.of(list, new String[] {"qemu:"}, false),
                Arguments.of(set, new String[] {}, false),
                Arguments.of(set, new String[] {"base:"}, false),
                Arguments.of(set, new String[] {"x-y:z", "base:allocation"}, true),
                Arguments.of(set, new String[] {"base:other"}, false));
    }

    @ParameterizedTest
    @MethodSource("queries")
    void queriesSelectBaseAllocation(int option, String[] queries, boolean found) {
        haggle();
        feed(option(NbdProtocol.OPT_STRUCTURED_REPLY));
        List<Integer> expected =
                found
                        ? List.of(NbdProtocol.REP_META_CONTEXT, NbdProtocol.REP_ACK)
                        : List.of(NbdProtocol.REP_ACK);
        assertEquals(expected, feed(option(option, TestClient.contextData("a", queries))).types());
    }

    @Test
    void startTlsIsRefusedWhenOff() {
        haggle();
        assertEquals(
                List.of(NbdProtocol.REP_ERR_POLICY),
                feed(option(NbdProtocol.OPT_STARTTLS)).types());
    }

    private static final String TLS =
            "chainring.nbd.tls { certificate = c, private-key = k, mode = ";

    @Test
    void requiredTlsComesFirst() {
        handshake = handshake(TLS + "required }");
        haggle();
        assertEquals(
                List.of(NbdProtocol.REP_ERR_TLS_REQD), feed(option(NbdProtocol.OPT_LIST)).types());
        assertEquals(
                List.of(NbdProtocol.REP_ERR_TLS_REQD),
                feed(option(NbdProtocol.OPT_GO, TestClient.exportData("a"))).types());
        assertEquals(Handshake.Verdict.START_TLS, feed(option(NbdProtocol.OPT_STARTTLS)).verdict());
        handshake.tlsStarted();
        assertEquals(
                List.of(NbdProtocol.REP_ERR_INVALID),
                feed(option(NbdProtocol.OPT_STARTTLS)).types());
        assertEquals(
                Handshake.Verdict.OPEN,
                feed(option(NbdProtocol.OPT_GO, TestClient.exportData("a"))).verdict());
    }

    @Test
    void requiredTlsEndsExportNameInTheClear() {
        handshake = handshake(TLS + "required }");
        haggle();
        assertEquals(
                Handshake.Verdict.CLOSE,
                feed(option(NbdProtocol.OPT_EXPORT_NAME, bytes("a"))).verdict());
    }

    @Test
    void whatWasNegotiatedInTheClearIsForgotten() {
        handshake = handshake(TLS + "on }");
        haggle();
        feed(option(NbdProtocol.OPT_STRUCTURED_REPLY));
        feed(
                option(
                        NbdProtocol.OPT_SET_META_CONTEXT,
                        TestClient.contextData("a", "base:allocation")));
        feed(option(NbdProtocol.OPT_STARTTLS));
        handshake.tlsStarted();
        feed(option(NbdProtocol.OPT_GO, TestClient.exportData("a")));
        assertFalse(handshake.structuredReplies());
        assertFalse(handshake.allocationContext());
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
