package io.chainring.gateway.nbd;

class NioTcpPlacesTest extends ServerPlacesContract {
    NioTcpPlacesTest() {
        super(TestServer.Transport.NIO_TCP);
    }
}
