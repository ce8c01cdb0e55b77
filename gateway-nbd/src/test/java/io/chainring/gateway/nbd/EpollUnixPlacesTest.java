package io.chainring.gateway.nbd;

class EpollUnixPlacesTest extends ServerPlacesContract {
    EpollUnixPlacesTest() {
        super(TestServer.Transport.EPOLL_UNIX);
    }
}
