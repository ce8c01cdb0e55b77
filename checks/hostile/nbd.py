"""A small NBD client for attacks and for their innocent neighbour: https://github.com/NetworkBlockDevice/nbd, doc/proto.md."""

import socket
import struct

OPTION_MAGIC = 0x49484156454F5054
OPTION_REPLY_MAGIC = 0x3E889045565A9
REQUEST_MAGIC = 0x25609513
REPLY_MAGIC = 0x67446698

OPT_EXPORT_NAME, OPT_ABORT, OPT_LIST, OPT_STARTTLS, OPT_INFO, OPT_GO = 1, 2, 3, 5, 6, 7
REP_ACK, REP_ERROR_BIT = 1, 1 << 31
READ, WRITE, DISC, FLUSH, TRIM = 0, 1, 2, 3, 4

# Guard against a hang; what is judged is counted.
PATIENCE_SECONDS = 90


class Refused(Exception):
    """The server said no, in the protocol's form."""


class Client:
    """One connection. `address` is (host, port) or the path of a unix socket; `source` an address of loopback."""

    # By all connections of this process.
    sent_bytes = 0

    def __init__(self, address, source=None, receive_bytes=None, timeout=PATIENCE_SECONDS):
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.handle = 0
        try:
            self.socket.settimeout(timeout)
            if receive_bytes is not None:
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
            if family == socket.AF_INET:
                self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if source:
                    self.socket.bind((source, 0))
            self.socket.connect(address)
        except OSError:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)
        Client.sent_bytes += len(data)

    def receive(self, length):
        data = bytearray(length)
        view = memoryview(data)
        while view:
            count = self.socket.recv_into(view)
            if count == 0:
                raise ConnectionError("the server has closed the connection")
            view = view[count:]
        return bytes(data)

    # Handshake

    def greet(self):
        """Reads the greeting and sends the client's flags: fixed newstyle, no zeroes."""
        greeting = self.receive(18)
        if greeting[:16] != b"NBDMAGICIHAVEOPT":
            raise ConnectionError("this is no NBD server")
        self.send(struct.pack(">I", 3))
        return self

    def option(self, number, data=b""):
        self.send(struct.pack(">QII", OPTION_MAGIC, number, len(data)) + data)

    def option_reply(self):
        """(type, data) of the next reply to an option."""
        magic, _, kind, length = struct.unpack(">QIII", self.receive(20))
        if magic != OPTION_REPLY_MAGIC or length > 1 << 20:
            raise ConnectionError("this is no reply to an option")
        return kind, self.receive(length)

    def ask_go(self, export):
        name = export if isinstance(export, bytes) else export.encode()
        self.option(OPT_GO, struct.pack(">I", len(name)) + name + b"\0\0")

    def go(self, export):
        """From the connection to transmission."""
        self.greet()
        self.ask_go(export)
        while True:
            kind, data = self.option_reply()
            if kind == REP_ACK:
                return self
            if kind & REP_ERROR_BIT:
                raise Refused(data.decode("utf-8", "replace"))

    # Transmission: simple replies, for structured ones are not asked for

    def request(self, command, offset, length, payload=b""):
        self.handle += 1
        self.send(struct.pack(">IHHQQI", REQUEST_MAGIC, 0, command, self.handle, offset, length) + payload)
        return self.handle

    def reply(self):
        """(error, handle) of the next reply; a good READ's data is behind it."""
        magic, error, handle = struct.unpack(">IIQ", self.receive(16))
        if magic != REPLY_MAGIC:
            raise ConnectionError("this is no reply")
        return error, handle

    def error_that_waits(self):
        """Error of a reply that has arrived, without waiting for one; None when there is none, or the connection is gone."""
        try:
            header = self.socket.recv(16, socket.MSG_DONTWAIT | socket.MSG_PEEK)
        except OSError:
            return None
        return struct.unpack(">IIQ", header)[1] if len(header) == 16 else None

    def read(self, offset, length):
        self.request(READ, offset, length)
        error, _ = self.reply()
        if error:
            raise OSError(error, "READ of %d bytes at %d" % (length, offset))
        return self.receive(length)

    def write(self, offset, payload):
        self.request(WRITE, offset, len(payload), payload)
        error, _ = self.reply()
        if error:
            raise OSError(error, "WRITE of %d bytes at %d" % (len(payload), offset))

    def disconnect(self):
        self.request(DISC, 0, 0)
        self.close()
