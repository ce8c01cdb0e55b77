package io.chainring.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What others wrote, in documents that are shown on a terminal as they are. */
class JsonTest {
    private static final String HOSTILE = "\n\u001b[2J\u007f\u009b\u202e\u2028\ud800\u00f6\"\\";

    @Test
    void aDocumentIsPlainAsciiAndTheSameWhenItIsRead() throws Exception {
        String text = Json.write(Map.of("name", HOSTILE));
        assertTrue(text.chars().allMatch(each -> each >= ' ' && each < 0x7F), text);
        assertEquals(Map.of("name", HOSTILE), Json.readAnswer(text, Map.class));
    }

    @Test
    void aFieldThatIsUnknownIsQuotedShort() {
        String body = "{\"error\":\"e\",\"" + "\\n\\u001b".repeat(1000) + "\":1}";
        String message =
                assertThrows(
                                BadRequestException.class,
                                () -> Json.readRequest(body, HttpAnswer.Problem.class))
                        .getMessage();
        assertTrue(message.startsWith("'\\n\\u{1b}"), message);
        assertTrue(message.length() < 500, message);
    }

    @Test
    void anErrorIsOneLine() throws Exception {
        String body = HttpAnswer.problem(HttpResponseStatus.NOT_FOUND, "no " + HOSTILE).body();
        String error = Json.readAnswer(body, HttpAnswer.Problem.class).error();
        assertTrue(error.startsWith("no \\n\\u{1b}[2J\\u{7f}\\u{9b}"), error);
    }
}
