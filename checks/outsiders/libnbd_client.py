"""Every call of libnbd, with random arguments, against a model of the export's content.

Run by the Python that has libnbd: libnbd_client.py URI SEED OPERATIONS OTHER-EXPORT
"""

import random
import sys

import nbd

IN_FLIGHT = 32
MOST_BYTES = 150_000


def expect(condition, otherwise):
    if not condition:
        sys.exit("libnbd: " + otherwise)


def options(uri, other):
    """What is negotiated before there is an export."""
    handle = nbd.NBD()
    handle.set_opt_mode(True)
    handle.connect_uri(uri)
    export = handle.get_export_name()
    seen = []
    handle.opt_list(lambda name, description: seen.append(name) or 0)
    expect({export, other} <= set(seen), "LIST shows %r" % seen)
    handle.set_full_info(True)
    handle.add_meta_context(nbd.CONTEXT_BASE_ALLOCATION)
    contexts = []
    handle.opt_list_meta_context(lambda name: contexts.append(name) or 0)
    expect(nbd.CONTEXT_BASE_ALLOCATION in contexts, "contexts %r" % contexts)
    handle.opt_info()
    size = handle.get_size()
    for missing in ("no such export", "x" * 4096):
        handle.set_export_name(missing)
        refused(handle.opt_info)
    handle.set_export_name(export)
    handle.opt_go()
    expect(handle.get_size() == size, "GO and INFO state two sizes")
    handle.shutdown()
    handle = nbd.NBD()
    handle.set_opt_mode(True)
    handle.connect_uri(uri)
    handle.opt_abort()


def refused(call, *arguments):
    try:
        call(*arguments)
    except nbd.Error as error:
        return error
    sys.exit("libnbd: %s was not refused" % getattr(call, "__name__", call))


class Model:
    def __init__(self, handle, seed):
        self.handle = handle
        self.chance = random.Random(seed)
        self.size = handle.get_size()
        self.grid = max(1, handle.get_block_size(nbd.SIZE_MINIMUM))
        self.bytes = bytearray(self.size)
        at = 0
        while at < self.size:
            length = min(1 << 20, self.size - at)
            self.bytes[at:at + length] = handle.pread(length, at)
            at += length

    def range(self):
        length = self.chance.randrange(1, self.chance.choice((2, 600, 9_000, MOST_BYTES)))
        at = self.chance.randrange(self.size)
        at -= at % self.chance.choice((self.grid, 512, 4096))
        length += -length % self.grid
        return at, min(length, self.size - at)

    def check(self, at, data):
        if data != self.bytes[at:at + len(data)]:
            first = next(i for i in range(len(data)) if data[i] != self.bytes[at + i])
            sys.exit("libnbd: byte %d of %d+%d is not what was written" % (at + first, at, len(data)))

    def read(self):
        at, length = self.range()
        self.check(at, self.handle.pread(length, at))

    def read_structured(self):
        at, length = self.range()
        found = bytearray(length)
        covered = []

        def chunk(data, offset, status, _):
            found[offset - at:offset - at + len(data)] = data
            covered.append(len(data))
            return 0

        flags = nbd.CMD_FLAG_DF if self.handle.can_df() and self.chance.random() < 0.3 else 0
        if flags:
            length = min(length, 65536)
            found = bytearray(length)
        self.handle.pread_structured(length, at, chunk, flags=flags)
        expect(sum(covered) == length, "chunks of %d bytes for %d" % (sum(covered), length))
        self.check(at, found)

    def fua(self):
        return nbd.CMD_FLAG_FUA if self.handle.can_fua() and self.chance.random() < 0.2 else 0

    def write(self):
        at, length = self.range()
        data = self.chance.randbytes(length)
        self.handle.pwrite(data, at, flags=self.fua())
        self.bytes[at:at + length] = data

    def zero(self):
        at, length = self.range()
        flags = self.fua()
        if self.chance.random() < 0.3:
            flags |= nbd.CMD_FLAG_NO_HOLE
        fast = self.handle.can_fast_zero() and self.chance.random() < 0.3
        try:
            self.handle.zero(length, at, flags=flags | (nbd.CMD_FLAG_FAST_ZERO if fast else 0))
        except nbd.Error as error:
            expect(fast and error.errno in ("EOPNOTSUPP", "ENOTSUP"), "zero: %s" % error)
            return
        self.bytes[at:at + length] = bytes(length)

    def trim(self):
        at, length = self.range()
        self.handle.trim(length, at, flags=self.fua())
        found = self.handle.pread(length, at)
        for i in range(length):
            expect(found[i] in (0, self.bytes[at + i]), "byte %d of a trimmed range is neither" % (at + i))
        self.bytes[at:at + length] = found

    def cache(self):
        if self.handle.can_cache():
            at, length = self.range()
            self.handle.cache(length, at)

    def flush(self):
        self.handle.flush()

    def status(self):
        if not self.handle.can_meta_context(nbd.CONTEXT_BASE_ALLOCATION):
            return
        at, length = self.range()
        extents = []
        flags = nbd.CMD_FLAG_REQ_ONE if self.chance.random() < 0.3 else 0
        self.handle.block_status(
            length, at, lambda context, offset, entries, error: extents.extend(entries) or 0, flags=flags)
        lengths, kinds = extents[0::2], extents[1::2]
        expect(lengths and all(each > 0 for each in lengths), "extents %r" % extents)
        expect(not flags or (len(lengths) == 1 and lengths[0] <= length), "REQ_ONE: %r" % extents)
        for extent, kind in zip(lengths, kinds):
            if kind & nbd.STATE_ZERO:
                part = self.bytes[at:min(at + extent, self.size)]
                expect(not any(part), "%d+%d is said to be zero" % (at, extent))
            at += extent

    def many(self):
        """Requests in flight together, apart from each other; answers in any order."""
        taken = []
        open_requests = []
        for _ in range(IN_FLIGHT):
            at, length = self.range()
            low, high = at // 4096, (at + length + 4095) // 4096
            if any(low < b and a < high for a, b in taken):
                continue
            taken.append((low, high))
            if self.chance.random() < 0.5:
                data = self.chance.randbytes(length)
                cookie = self.handle.aio_pwrite(nbd.Buffer.from_bytearray(bytearray(data)), at)
                self.bytes[at:at + length] = data
                open_requests.append((cookie, None, at))
            else:
                buffer = nbd.Buffer(length)
                open_requests.append((self.handle.aio_pread(buffer, at), buffer, at))
        while self.handle.aio_in_flight() > 0:
            self.handle.poll(-1)
        for cookie, buffer, at in open_requests:
            self.handle.aio_command_completed(cookie)
            if buffer is not None:
                self.check(at, buffer.to_bytearray())

    def wrong(self):
        """What no server may do is refused, and the connection goes on."""
        self.handle.set_strict_mode(0)
        beyond = self.size - self.size % self.grid
        for call, arguments in (
                (self.handle.pread, (self.grid, beyond)),
                (self.handle.pwrite, (bytes(self.grid), beyond)),
                (self.handle.pwrite, (bytes(8192), max(0, self.size - 4096))),
                (self.handle.zero, (self.grid, beyond)),
                (self.handle.trim, (self.grid, beyond)),
                (self.handle.pread, (self.grid, 1 << 62))):
            error = refused(call, *arguments)
            expect(error.errno in ("EINVAL", "ENOSPC"), "%s: %s" % (call, error))
        self.handle.set_strict_mode(nbd.STRICT_MASK)
        self.read()

    STEPS = ((read, 6), (read_structured, 4), (write, 8), (zero, 3), (trim, 1), (cache, 1), (flush, 1), (status, 3),
             (many, 2), (wrong, 1))


def main(uri, seed, operations, other):
    options(uri, other)
    calls, weights = zip(*Model.STEPS)
    done = 0
    for structured in (True, False):
        handle = nbd.NBD()
        handle.set_request_structured_replies(structured)
        handle.add_meta_context(nbd.CONTEXT_BASE_ALLOCATION)
        handle.connect_uri(uri)
        model = Model(handle, "%s %s" % (seed, structured))
        for number in range(int(operations)):
            call = model.chance.choices(calls, weights)[0]
            try:
                call(model)
            except nbd.Error as error:
                sys.exit("libnbd: operation %d, %s: %s" % (number, call.__name__, error))
            done += 1
        handle.shutdown()
    print(done)


if __name__ == "__main__":
    main(*sys.argv[1:])
