"""A file-system exerciser: random operations on one file, each compared with a model of its content.

Reads, writes, mapped reads and writes, holes and zeroed ranges, truncation in both directions, syncs and reopening, at any
byte and of any length. Knows nothing of what is below the file.
"""

import ctypes
import errno
import mmap
import os
import random

PUNCH_HOLE, ZERO_RANGE, KEEP_SIZE = 0x02, 0x10, 0x01
MOST_BYTES = 200_000
_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64]


class Wrong(Exception):
    """The file holds what nobody wrote."""


class Exerciser:
    """
    `resizes`: whether the file may change its size (a file does, a device doesn't); `holes`: whether it takes fallocate;
    `maps`: whether pages of it are mapped.
    """

    def __init__(self, path, size, seed, resizes=True, holes=True, maps=True):
        self.path = path
        self.most = size
        self.chance = random.Random(seed)
        self.file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self.model = bytearray()
        self.counts = {}
        if resizes:
            os.ftruncate(self.file, 0)
        else:
            self.model = bytearray(size)
            self._put(0, bytes(size))
        steps = [(self._read, 6), (self._write, 8), (self._sync, 1), (self._reopen, 1)]
        steps += [(self._truncate, 2)] if resizes else []
        steps += [(self._punch, 2), (self._zero, 2)] if holes else []
        steps += [(self._read_mapped, 2), (self._write_mapped, 2)] if maps else []
        self.steps, self.weights = zip(*steps)

    def run(self, operations):
        for number in range(operations):
            step = self.chance.choices(self.steps, self.weights)[0]
            name = step.__name__.strip("_")
            self.counts[name] = self.counts.get(name, 0) + 1
            try:
                step()
            except OSError as error:
                raise Wrong("operation %d, %s of %s: %s" % (number, name, self.path, error)) from error
        self._check(0, len(self.model))

    def close(self):
        os.close(self.file)

    def _range(self, limit):
        """A place and a length, mostly short, sometimes on the borders of sectors and pages."""
        if limit == 0:
            return 0, 0
        at = self.chance.randrange(limit)
        length = self.chance.randrange(1, 1 + self.chance.choice((7, 700, 5_000, MOST_BYTES)))
        grid = self.chance.choice((1, 1, 1, 512, 4096))
        at -= at % grid
        return at, min(length + -length % grid, limit - at)

    def _put(self, at, data):
        while data:
            written = os.pwrite(self.file, data, at)
            at += written
            data = data[written:]

    def _get(self, at, length):
        pieces = []
        while length:
            piece = os.pread(self.file, length, at)
            if not piece:
                break
            pieces.append(piece)
            at += len(piece)
            length -= len(piece)
        return b"".join(pieces)

    def _compare(self, at, length, found):
        wanted = bytes(self.model[at:at + length])
        if found != wanted:
            first = next((i for i, (a, b) in enumerate(zip(found, wanted)) if a != b), min(len(found), len(wanted)))
            raise Wrong("%s at byte %d of %d: %d bytes read, %d wanted; there %r, wanted %r" % (
                self.path, at + first, len(self.model), len(found), len(wanted), found[first:first + 16],
                wanted[first:first + 16]))

    def _check(self, at, length):
        self._compare(at, length, self._get(at, length))

    def _read(self):
        self._check(*self._range(len(self.model)))

    def _bytes(self, length):
        return self.chance.randbytes(length)

    def _write(self):
        at, length = self._range(self.most)
        if at > len(self.model):
            self.model.extend(bytes(at - len(self.model)))
        data = self._bytes(length)
        self.model[at:at + length] = data
        self._put(at, data)
        if self.chance.random() < 0.3:
            self._check(at, length)

    def _truncate(self):
        size = self.chance.randrange(self.most + 1)
        os.ftruncate(self.file, size)
        if size < len(self.model):
            del self.model[size:]
        else:
            self.model.extend(bytes(size - len(self.model)))

    def _clear(self, mode):
        at, length = self._range(len(self.model))
        if length == 0:
            return
        if _LIBC.fallocate(self.file, mode | KEEP_SIZE, at, length) != 0:
            number = ctypes.get_errno()
            if number in (errno.EOPNOTSUPP, errno.ENOSYS):
                return
            raise OSError(number, os.strerror(number))
        self.model[at:at + length] = bytes(length)
        self._check(max(0, at - 1), min(len(self.model), at + length + 1) - max(0, at - 1))

    def _punch(self):
        self._clear(PUNCH_HOLE)

    def _zero(self):
        self._clear(ZERO_RANGE)

    def _mapped(self, act):
        if self.model:
            with mmap.mmap(self.file, len(self.model)) as mapped:
                act(mapped)

    def _read_mapped(self):
        at, length = self._range(len(self.model))
        self._mapped(lambda mapped: self._compare(at, length, mapped[at:at + length]))

    def _write_mapped(self):
        at, length = self._range(len(self.model))
        data = self._bytes(length)

        def write(mapped):
            mapped[at:at + length] = data
            if self.chance.random() < 0.5:
                mapped.flush()

        self.model[at:at + length] = data
        self._mapped(write)

    def _sync(self):
        os.fsync(self.file)

    def _reopen(self):
        os.fsync(self.file)
        os.close(self.file)
        self.file = os.open(self.path, os.O_RDWR)
        if self.chance.random() < 0.5:
            # What is read next comes from below the page cache.
            os.posix_fadvise(self.file, 0, 0, os.POSIX_FADV_DONTNEED)
