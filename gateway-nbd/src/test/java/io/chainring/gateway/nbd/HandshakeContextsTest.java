package io.chainring.gateway.nbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.gateway.nbd.handshake.Handshake;
import io.chainring.gateway.nbd.protocol.NbdProtocol;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the handshake negotiates beside the export: meta contexts and encryption. */
class HandshakeContextsTest extends HandshakeBench {
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
                Arguments.of(list, new String[] {"base"}, false),
                Arguments.of(list, new String[] {""}, false),
                Arguments.of(list, new String[] {"base", "base:"}, true),
                Arguments.of(set, new String[] {"base"}, false),
                Arguments.of(set, new String[] {""}, false),
                Arguments.of(set, new String[] {"base:allocation", "base"}, true),
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
}
