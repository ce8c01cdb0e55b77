"""An nbdkit plugin: a disk with a volatile cache, whose power can fail.

  nbdkit python volatile.py file=IMAGE cut=FILE seed=NUMBER

A write stands in the cache until a flush puts all of it on IMAGE. As soon as FILE exists the power has failed: of the blocks
that were not flushed a random part is on IMAGE, each 512-byte sector of them by itself old or new, in no order, and every
later request fails. Then FILE.done exists. IMAGE is what a machine finds when the power is back.
"""
import errno
import os
import random

import nbdkit

API_VERSION = 2

BLOCK_BYTES = 4096
SECTOR_BYTES = 512

_settings = {"file": None, "cut": None, "seed": "0"}
_image = None
_size_bytes = 0
_cache = {}
_dead = False


def config(key, value):
    if key not in _settings:
        raise RuntimeError("unknown parameter " + key)
    _settings[key] = value


def config_complete():
    global _image, _size_bytes
    if not _settings["file"] or not _settings["cut"]:
        raise RuntimeError("file= and cut= are needed")
    # Python's own files would buffer.
    _image = os.open(_settings["file"], os.O_RDWR)
    _size_bytes = os.fstat(_image).st_size
    random.seed(int(_settings["seed"]))


def thread_model():
    return nbdkit.THREAD_MODEL_SERIALIZE_ALL_REQUESTS


def open(readonly):
    return 1


def get_size(h):
    return _size_bytes


def can_flush(h):
    return True


def can_fua(h):
    return nbdkit.FUA_EMULATE


def can_trim(h):
    return False


def _stored(block):
    return os.pread(_image, BLOCK_BYTES, block * BLOCK_BYTES)


def _power():
    """Fails every request once the power has."""
    global _dead
    if not _dead and os.path.exists(_settings["cut"]):
        _dead = True
        # Nothing, all, or some of it; of some blocks only some sectors.
        share = random.choice([0, 0.1, 0.5, 0.9, 1])
        torn = random.choice([0, 0.2])
        for block, data in _cache.items():
            if random.random() >= share:
                continue
            kept = bytearray(data)
            if random.random() < torn:
                old = _stored(block)
                for at in range(0, BLOCK_BYTES, SECTOR_BYTES):
                    if random.random() < 0.5:
                        kept[at:at + SECTOR_BYTES] = old[at:at + SECTOR_BYTES]
            os.pwrite(_image, kept, block * BLOCK_BYTES)
        _cache.clear()
        os.close(os.open(_settings["cut"] + ".done", os.O_CREAT | os.O_WRONLY))
    if _dead:
        nbdkit.set_error(errno.EIO)
        raise RuntimeError("the power has failed")


def pread(h, buf, offset, flags):
    _power()
    length = len(buf)
    buf[:] = os.pread(_image, length, offset)
    for block in range(offset // BLOCK_BYTES, (offset + length - 1) // BLOCK_BYTES + 1):
        data = _cache.get(block)
        if data is not None:
            start = block * BLOCK_BYTES
            first, last = max(offset, start), min(offset + length, start + BLOCK_BYTES)
            buf[first - offset:last - offset] = data[first - start:last - start]


def pwrite(h, buf, offset, flags):
    _power()
    length = len(buf)
    for block in range(offset // BLOCK_BYTES, (offset + length - 1) // BLOCK_BYTES + 1):
        start = block * BLOCK_BYTES
        first, last = max(offset, start), min(offset + length, start + BLOCK_BYTES)
        data = _cache.get(block)
        if data is None:
            whole = last - first == BLOCK_BYTES
            data = bytearray(BLOCK_BYTES) if whole else bytearray(_stored(block))
            _cache[block] = data
        data[first - start:last - start] = buf[first - offset:last - offset]


def flush(h, flags):
    _power()
    for block, data in _cache.items():
        os.pwrite(_image, data, block * BLOCK_BYTES)
    _cache.clear()
