package io.chainring.gateway.nbd;

class EpollUnixLimitsTest extends ServerLimitsContract {
    EpollUnixLimitsTest() {
        super(TestServer.Transport.EPOLL_UNIX);
    }
}
