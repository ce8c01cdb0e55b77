package io.chainring.gateway.nbd;

class NioTcpRequestsTest extends ServerRequestsContract {
    NioTcpRequestsTest() {
        super(TestServer.Transport.NIO_TCP);
    }
}
