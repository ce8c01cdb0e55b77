package io.chainring.gateway.nbd;

class EpollTcpServerTest extends ServerContract {
    EpollTcpServerTest() {
        super(TestServer.Transport.EPOLL_TCP);
    }
}
