package io.chainring.gateway.nbd;

class EpollTcpRequestsTest extends ServerRequestsContract {
    EpollTcpRequestsTest() {
        super(TestServer.Transport.EPOLL_TCP);
    }
}
