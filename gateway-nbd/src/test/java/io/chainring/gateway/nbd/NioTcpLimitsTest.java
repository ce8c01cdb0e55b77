package io.chainring.gateway.nbd;

class NioTcpLimitsTest extends ServerLimitsContract {
    NioTcpLimitsTest() {
        super(TestServer.Transport.NIO_TCP);
    }
}
