package io.chainring.gateway.nbd;

class EpollUnixRequestsTest extends ServerRequestsContract {
    EpollUnixRequestsTest() {
        super(TestServer.Transport.EPOLL_UNIX);
    }
}
