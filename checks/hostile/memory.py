"""Attacks on memory: what a peer can make the node hold."""

import random
import struct
import threading

import nbd
from context import Fault

LARGE_BYTES = 32 << 20
READS = 4
WRITES = 24
WRITES_AT = 256 << 20
WRITE_BYTES = 1 << 20


def unread_replies(context):
    """40 clients ask for 4 reads of 32 MiB each, and read nothing of it"""
    for number in range(40):
        client = context.client(context.source(number), receive_bytes=4096)
        if client:
            with context.tolerated():
                client.go("target")
                for part in range(4):
                    client.request(nbd.READ, part * LARGE_BYTES, LARGE_BYTES)
        if number % 4 == 3:
            context.step()
    context.newcomer("other")
    for _ in range(context.pick(5, 100)):
        context.step()
    errors = [client.error_that_waits() for client in context.clients]
    context.figures["answered"] = len([error for error in errors if error is not None])
    context.expect(not any(errors), "reads of 32 MiB are refused: the attack was none")


def held_pieces(context):
    """two sockets: one has no room left and sends single bytes, the other comes and goes, so that each is read and kept"""
    full = context.client(receive_bytes=4096)
    # The header of a write whose payload never ends.
    piece = bytearray(struct.pack(">IHHQQI", nbd.REQUEST_MAGIC, 0, nbd.WRITE, 9, 0, LARGE_BYTES))
    context.figures["rounds"] = 0
    with context.tolerated():
        full.go("target")
        for part in range(4):
            full.request(nbd.READ, part * LARGE_BYTES, LARGE_BYTES)
        for number in range(context.pick(3000, 20_000)):
            full.send(piece[:1] or b"\0")
            del piece[:1]
            with nbd.Client(context.node.address) as other:
                other.go("target").disconnect()
            context.figures["rounds"] = number + 1
            if number % 100 == 99:
                context.step()


def half_writes(context):
    """clients announce writes of 32 MiB and send the half of it"""
    half = bytes(LARGE_BYTES // 2)
    for number in range(context.pick(16, 64)):
        client = context.client(context.source(number), timeout=2)
        if client:
            with context.tolerated():
                client.go("target")
                client.request(nbd.WRITE, 0, LARGE_BYTES, half)
        context.step()
    context.newcomer("other")


def slow_but_alive(context):
    """a client on the unix socket reads late and has 24 MiB under way; others connect to its disk: it is never cut off"""
    for round_number in range(context.pick(2, 20)):
        content = random.Random(context.chance.random()).randbytes(WRITE_BYTES)
        with nbd.Client(context.node.socket) as slow:
            slow.go("target")
            errors = []
            sender = threading.Thread(target=_send_slowly, args=(slow, content, errors), daemon=True)
            sender.start()
            for number in range(100):
                with nbd.Client(context.node.socket) as other:
                    other.go("target").disconnect()
                if number % 20 == 19:
                    context.step()
            try:
                _take_replies(context, slow)
            except OSError as error:
                errors.append(error)
            sender.join(nbd.PATIENCE_SECONDS)
            if errors:
                raise Fault("the slow client was cut off in round %d: %s" % (round_number, errors[0]))
            last = WRITES_AT + (WRITES - 1) * WRITE_BYTES
            context.expect(slow.read(last, WRITE_BYTES) == content, "a slow client's write is not there")
            slow.disconnect()


def _send_slowly(client, content, errors):
    """Reads that leave no room, for nobody takes their data, and writes behind them."""
    try:
        for part in range(READS):
            client.request(nbd.READ, part * LARGE_BYTES, LARGE_BYTES)
        for number in range(WRITES):
            client.request(nbd.WRITE, WRITES_AT + number * WRITE_BYTES, WRITE_BYTES, content)
    except OSError as error:
        errors.append(error)


def _take_replies(context, client):
    for _ in range(READS + WRITES):
        error, handle = client.reply()
        context.expect(error == 0, "a slow client's request ended with error %d" % error)
        if handle <= READS and error == 0:
            client.receive(LARGE_BYTES)


def large_reads(context):
    """200 connections read 8 MiB each and leave: the memory comes back"""
    length = 8 << 20
    for _ in range(context.pick(1, 5)):
        asking = []
        for number in range(200):
            client = context.client(context.source(number))
            with context.tolerated():
                if client:
                    client.go("target").request(nbd.READ, 0, length)
                    asking.append(client)
            if number % 20 == 19:
                context.step()
        context.figures["connections"] = len(asking)
        for number, client in enumerate(asking):
            with context.tolerated():
                error, _ = client.reply()
                context.expect(error == 0, "a large read ended with error %d" % error)
                client.receive(length)
                client.disconnect()
            if number % 20 == 19:
                context.step()


ATTACKS = {"unread-replies": unread_replies, "held-pieces": held_pieces, "half-writes": half_writes,
           "slow-but-alive": slow_but_alive, "large-reads": large_reads}
