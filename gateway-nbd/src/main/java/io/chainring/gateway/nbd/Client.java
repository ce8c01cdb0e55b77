package io.chainring.gateway.nbd;

/**
 * What belongs to one connection from accept to close, whichever handler is in charge.
 *
 * @param server what it shares with the others
 * @param place what it occupies
 * @param receive where its socket is read to
 */
record Client(ServerContext server, ConnectionLimits.Place place, ConnectionReceive receive) {}
