package io.chainring.node.http;

import io.chainring.base.text.Printable;
import io.netty.handler.codec.http.HttpResponseStatus;

/**
 * What is sent back for a request.
 *
 * @param contentType of the body
 */
public record HttpAnswer(HttpResponseStatus status, String contentType, String body) {

    /** What stands in the body of an answer that is none. */
    public record Problem(@Json.Required String error) {}

    /** A document as JSON. */
    public static HttpAnswer json(HttpResponseStatus status, Object document) {
        return new HttpAnswer(status, "application/json", Json.write(document));
    }

    /** Plain text. */
    public static HttpAnswer text(HttpResponseStatus status, String text) {
        return new HttpAnswer(status, "text/plain; charset=UTF-8", text);
    }

    /**
     * Why not.
     *
     * @param line of text for people; what it quotes of others is escaped and cut here
     */
    public static HttpAnswer problem(HttpResponseStatus status, String line) {
        return json(status, new Problem(Printable.line(line)));
    }
}
