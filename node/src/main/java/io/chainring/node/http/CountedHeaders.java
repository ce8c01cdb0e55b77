package io.chainring.node.http;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpHeadersFactory;

/** The headers of a request, no more than a number of them: short ones take far more memory than bytes. */
final class CountedHeaders extends DefaultHttpHeaders {
    private final int most;
    private int count;

    private CountedHeaders(int most) {
        super();
        this.most = most;
    }

    /** What came is one header too many. */
    static final class TooManyException extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        TooManyException(int most) {
            super("more than " + most + " headers");
        }
    }

    /** Makes them. */
    static HttpHeadersFactory atMost(int most) {
        return new HttpHeadersFactory() {
            @Override
            public HttpHeaders newHeaders() {
                return new CountedHeaders(most);
            }

            @Override
            public HttpHeaders newEmptyHeaders() {
                return DefaultHttpHeadersFactory.headersFactory().newEmptyHeaders();
            }
        };
    }

    /** The decoder adds each header that comes so. */
    @Override
    public HttpHeaders add(CharSequence name, Object value) {
        if (++count > most) {
            throw new TooManyException(most);
        }
        return super.add(name, value);
    }
}
