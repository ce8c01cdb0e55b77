"""Attacks on the doors: HTTP, places, handshakes, logs, garbage."""

import http.client
import socket
import ssl
import struct

import nbd


def http_half_sent(context):
    """370 requests with large headers that never end"""
    for number in range(370):
        client = context.client(address=("127.0.0.1", context.node.metrics_port), timeout=2)
        if client:
            with context.tolerated():
                client.send(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n")
                for header in range(60):
                    client.send(b"X-%d: " % header + b"h" * 7900 + b"\r\n")
        if number % 37 == 36:
            context.step()
    for _ in range(context.pick(5, 100)):
        context.step()
    context.close()
    context.expect(_page(context, None) == 200, "/metrics is not there after the attack")


def http_wrong_host(context):
    """requests in the name of another host, as a web page can make a browser send them"""
    for host in ("evil.example", "evil.example:%d" % context.node.metrics_port, "127.0.0.1.evil.example", ""):
        answer = _page(context, host)
        context.expect(400 <= answer < 500, "Host '%s' was answered with %d" % (host, answer))
        context.step()
    context.expect(_page(context, None) == 200, "its own host is refused")


def _page(context, host):
    """Status of /metrics; 400 when the connection was closed instead of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", context.node.metrics_port, timeout=nbd.PATIENCE_SECONDS)
    try:
        connection.request("GET", "/metrics", headers={} if host is None else {"Host": host})
        return connection.getresponse().status
    except (http.client.HTTPException, ConnectionError):
        return 400
    finally:
        connection.close()


def silent_sockets(context):
    """200 connections of one source that say nothing: a client elsewhere has its handshake all the same"""
    for number in range(200):
        context.client("127.0.0.9")
        if number % 20 == 19:
            context.step()
    for _ in range(context.pick(3, 50)):
        context.newcomer("other", "127.0.0.1")
        context.step()


def idle_places(context):
    """256 connections of one source that opened a disk and rest: there is a place for others"""
    for number in range(256):
        client = context.client("127.0.0.9", timeout=5)
        if client:
            with context.tolerated():
                client.go("target")
        if number % 16 == 15:
            context.step()
    for _ in range(context.pick(3, 50)):
        context.newcomer("other", "127.0.0.1")
        context.step()


def tls_hellos(context):
    """a flood of TLS ClientHellos: the work of handshakes is not the disks'"""
    client_side = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client_side.check_hostname = False
    client_side.verify_mode = ssl.CERT_NONE
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    try:
        client_side.wrap_bio(incoming, outgoing).do_handshake()
    except ssl.SSLWantReadError:
        hello = outgoing.read()
    answered = 0
    for _ in range(context.pick(15, 150)):
        asking = []
        for number in range(20):
            client = context.client(context.source(number), timeout=10)
            if client:
                with context.tolerated():
                    client.greet().option(nbd.OPT_STARTTLS)
                    kind, _ = client.option_reply()
                    context.expect(kind == nbd.REP_ACK, "STARTTLS was answered with %d" % kind)
                    client.send(hello)
                    asking.append(client)
        for client in asking:
            with context.tolerated():
                client.receive(1)
                answered += 1
            client.close()
        context.step()
    context.figures["hellos_answered"] = answered


def export_names(context):
    """names of exports with newlines and terminal sequences, again and again"""
    text = b"\nERROR all is lost\r\x1b[2J\x1b]0;owned\x07\xc2\x9b31m\x7f" * 80
    for number in range(context.pick(400, 6000)):
        client = context.client(timeout=10)
        if client:
            with context.tolerated():
                # Sometimes no UTF-8.
                evil = text if number % 4 < 3 else b"\x9b" + text
                client.greet()
                if number % 2:
                    client.option(nbd.OPT_EXPORT_NAME, evil[:4096])
                else:
                    client.ask_go(evil[:4000])
                    client.option_reply()
                    client.option(nbd.OPT_INFO, struct.pack(">I", 1000) + evil[:1000] + b"\0\0")
                client.receive(1)
            client.close()
        if number % 20 == 19:
            context.step()


def garbage(context):
    """random bytes on every door, from the first byte, behind the greeting, and behind an open disk"""
    doors = [context.node.address, context.node.socket, ("127.0.0.1", context.node.metrics_port),
             str(context.node.data / "control.sock")]
    for number in range(context.pick(120, 4000)):
        address = doors[number % 4]
        client = context.client(address=address, timeout=1)
        if client:
            with context.tolerated():
                if number % 4 < 2 and number % 3:
                    client.greet()
                    if number % 3 == 2:
                        client.ask_go("target")
                        client.option_reply()
                client.send(context.chance.randbytes(context.chance.randrange(1, 16_384)))
                client.socket.shutdown(socket.SHUT_WR)
                client.socket.recv(4096)
            client.close()
        if number % 8 == 7:
            context.step()


ATTACKS = {"http-half-sent": http_half_sent, "http-wrong-host": http_wrong_host, "silent-sockets": silent_sockets,
           "idle-places": idle_places, "tls-hellos": tls_hellos, "export-names": export_names, "garbage": garbage}
