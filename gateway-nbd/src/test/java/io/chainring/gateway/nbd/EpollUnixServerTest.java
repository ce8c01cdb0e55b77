package io.chainring.gateway.nbd;

class EpollUnixServerTest extends ServerContract {
    EpollUnixServerTest() {
        super(TestServer.Transport.EPOLL_UNIX);
    }
}
