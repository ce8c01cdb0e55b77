package io.chainring.node.http;

import static io.netty.handler.codec.http.HttpResponseStatus.BAD_REQUEST;
import static io.netty.handler.codec.http.HttpResponseStatus.LENGTH_REQUIRED;
import static io.netty.handler.codec.http.HttpResponseStatus.MISDIRECTED_REQUEST;
import static io.netty.handler.codec.http.HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE;
import static io.netty.handler.codec.http.HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE;
import static io.netty.handler.codec.http.HttpResponseStatus.REQUEST_URI_TOO_LONG;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.net.SocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is wrong with a request, by its first line and headers; its body has not come yet. Immutable. */
final class RequestCheck {
    private final HttpLimits limits;
    private final HostNames names;

    RequestCheck(HttpLimits limits, HostNames names) {
        this.limits = limits;
        this.names = names;
    }

    /**
     * Why a request is not carried out; what stands behind it on its connection can't be told apart from its body then.
     *
     * @param local the address that the client is connected to
     * @return null: nothing is wrong
     */
    @Nullable HttpAnswer refusal(HttpRequest request, SocketAddress local) {
        if (!request.decoderResult().isSuccess()) {
            return undecoded(request.decoderResult().cause());
        }
        List<String> hosts = request.headers().getAll(HttpHeaderNames.HOST);
        if (hosts.size() > 1 || (hosts.isEmpty() && !isOld(request))) {
            return HttpAnswer.problem(BAD_REQUEST, "a request has one Host header");
        }
        if (!hosts.isEmpty() && !names.isOurs(hosts.get(0), local)) {
            return HttpAnswer.problem(
                    MISDIRECTED_REQUEST,
                    "this node has no such name; chainring.node.control.host-names says which it has");
        }
        if (!request.uri().startsWith("/")) {
            return HttpAnswer.problem(BAD_REQUEST, "a page begins with /");
        }
        if (request.headers().contains(HttpHeaderNames.TRANSFER_ENCODING)) {
            // Pieces of any size would each cost an object, and the buffer that they came in.
            return HttpAnswer.problem(LENGTH_REQUIRED, "a body has a Content-Length");
        }
        return HttpUtil.getContentLength(request, 0L) > limits.maxRequestBytes()
                ? HttpAnswer.problem(
                        REQUEST_ENTITY_TOO_LARGE,
                        "a body has at most " + limits.maxRequestBytes() + " bytes")
                : null;
    }

    private static boolean isOld(HttpRequest request) {
        return request.protocolVersion().equals(HttpVersion.HTTP_1_0);
    }

    private HttpAnswer undecoded(Throwable cause) {
        if (cause instanceof TooLongHttpLineException) {
            return HttpAnswer.problem(
                    REQUEST_URI_TOO_LONG,
                    "a request's first line has at most "
                            + limits.maxRequestLineBytes()
                            + " bytes");
        }
        if (cause instanceof TooLongHttpHeaderException
                || cause instanceof CountedHeaders.TooManyException) {
            return HttpAnswer.problem(
                    REQUEST_HEADER_FIELDS_TOO_LARGE,
                    "a request has at most %d headers of %d bytes"
                            .formatted(limits.maxHeaders(), limits.maxHeaderBytes()));
        }
        return HttpAnswer.problem(BAD_REQUEST, "not an HTTP request");
    }
}
