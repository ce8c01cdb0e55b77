"""Attacks on what the whole process shares: descriptors and the file system."""

import errno

import nbd
import node as nodes
from context import Fault

PIECE_BYTES = 1 << 20


def descriptors(context):
    """more clients than the process may have descriptors (ulimit -n 256)"""
    for number in range(400):
        client = context.client(context.source(number), timeout=0.25)
        if client and number % 2:
            with context.tolerated():
                client.go("target")
        if number % 20 == 19:
            context.step()
    for _ in range(context.pick(3, 30)):
        code, output = context.node.command("status")
        context.expect(code == 0, "status ended with %d: %s" % (code, output.strip()[-200:]))
        context.step()
    context.figures["descriptors"] = context.node.descriptors()


def descriptors_end(context):
    """afterwards: SIGTERM ends it in good order"""
    code = context.node.terminate()
    context.expect(code == 0, "SIGTERM: " + ("it did not end" if code is None else "exit code %d" % code))


def full_file_system(context):
    """images and journal share a file system, and one disk's writes fill it: only its own are refused"""
    content = context.chance.randbytes(PIECE_BYTES)
    with nbd.Client(context.node.address, timeout=45) as filler:
        filler.go("target")
        written = _fill(context, filler, content)
        context.figures["written_mib"] = written
        if written == 512:
            raise Fault("a file system that is too small took it all")
        for number in range(context.pick(20, 500)):
            _expect_no_space(context, filler, written + number % 8, content)
            context.step()
        context.expect(filler.read(0, PIECE_BYTES) == content, "a read while it is full is wrong")
        filler.write(0, content)
        filler.request(nbd.TRIM, 0, written * PIECE_BYTES)
        error, _ = filler.reply()
        context.expect(error == 0, "a discard while it is full ended with error %d" % error)
        context.expect(nodes.wait_until(lambda: _takes(filler, content), 60), "it does not heal after a discard")
        filler.disconnect()
    context.step()
    _filled_from_outside(context)


def _fill(context, filler, content):
    for written in range(512):
        if not _takes(filler, content, written):
            return written
        if written % 8 == 7:
            context.step()
    return 512


def _takes(filler, content, piece=0):
    """Whether a write is done; false when there is no space for it. Any other error is one."""
    try:
        filler.write(piece * PIECE_BYTES, content)
        return True
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return False


def _expect_no_space(context, filler, piece, content):
    try:
        _takes(filler, content, piece)
    except OSError as error:
        context.failures.append("a write without space: %s instead of ENOSPC" % error)


def _filled_from_outside(context):
    """Another program takes the last byte: the node lives, and goes on when there is space again."""
    other = context.node.data / "another-program"
    try:
        with open(other, "wb", buffering=0) as file:
            while file.write(bytes(PIECE_BYTES)):
                pass
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
    for _ in range(20):
        context.expect(context.node.status() is not None, "status is not answered while the file system is full")
    other.unlink()
    context.step()


ATTACKS = {"descriptors": descriptors, "full-file-system": full_file_system}
