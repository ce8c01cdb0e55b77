package io.chainring.node.service;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where NBD clients find an export: on TCP or at a unix socket.
 *
 * @param uri as clients take it
 * @param address null for a socket
 * @param socket null for an address
 * @param encrypted whether clients have to use TLS
 */
public record NbdEndpoint(
        String uri,
        @Nullable InetSocketAddress address,
        @Nullable Path socket,
        boolean encrypted) {}
