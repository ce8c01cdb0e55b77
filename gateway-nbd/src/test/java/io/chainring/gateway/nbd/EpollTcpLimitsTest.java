package io.chainring.gateway.nbd;

class EpollTcpLimitsTest extends ServerLimitsContract {
    EpollTcpLimitsTest() {
        super(TestServer.Transport.EPOLL_TCP);
    }
}
