package io.chainring.node.http;

import java.util.concurrent.CompletionStage;

/** What a server shows. Called on its thread, which must not be blocked. */
@FunctionalInterface
public interface HttpPages {

    /**
     * Answers a request. The client is told of an exception, thrown or in the stage, that it failed; the log says why.
     *
     * @param method such as GET
     * @param page such as {@code /status}, without a query
     * @param body empty when there is none
     */
    CompletionStage<HttpAnswer> answer(String method, String page, String body);
}
