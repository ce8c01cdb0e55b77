package io.chainring.gateway.nbd;

class NioTcpServerTest extends ServerContract {
    NioTcpServerTest() {
        super(TestServer.Transport.NIO_TCP);
    }
}
