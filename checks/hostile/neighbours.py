"""The innocent: a client that writes, reads again and compares, and a verifying fio beside it.

The client is a process of its own, so that the attack's work in this one slows it down no more than any other program.
"""

import collections
import hashlib
import json
import multiprocessing
import os
import random
import resource
import shutil
import signal
import subprocess
import tempfile
import threading
import time

import children
import nbd

BLOCK_BYTES = 4096
DISK_BYTES = 8 << 20
FIO_BYTES = 4 << 20
FIO_LIMIT_SECONDS = 240
FIO_OUTPUT_BYTES = 1 << 20


def stamped(seed, block, version):
    """The content of a block in its n-th version; no two are alike."""
    return hashlib.sha512(b"%d %d %d" % (seed, block, version)).digest() * (BLOCK_BYTES // 64)


class Witness:
    """Counts what it got done, what was wrong, and its longest pause (between two answers), in shared memory."""

    def __init__(self, address, export, seed):
        self.operations = multiprocessing.Value("q", 0, lock=False)
        self.mistakes = multiprocessing.Value("q", 0, lock=False)
        self.longest_micros = multiprocessing.Value("q", 0, lock=False)
        self.answered_nanos = multiprocessing.Value("q", 0, lock=False)
        self.why, sender = multiprocessing.Pipe(duplex=False)
        self.process = multiprocessing.get_context("fork").Process(
            target=self._work, args=(os.getpid(), sender, address, export, seed), daemon=True)
        self.process.start()
        sender.close()

    def _work(self, parent, sender, address, export, seed):
        children.bound_to(parent)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        try:
            with nbd.Client(address) as client:
                self._verify(client.go(export), random.Random(seed), seed)
        except (OSError, nbd.Refused, AssertionError) as error:
            self.mistakes.value += 1
            sender.send("%s: %s" % (type(error).__name__, error))

    def _verify(self, client, chance, seed):
        versions = [0] * (DISK_BYTES // BLOCK_BYTES)
        for block in range(len(versions)):
            client.write(block * BLOCK_BYTES, stamped(seed, block, 0))
        self.answered_nanos.value = time.monotonic_ns()
        while True:
            block = chance.randrange(len(versions))
            if chance.random() < 0.5:
                versions[block] += 1
                client.write(block * BLOCK_BYTES, stamped(seed, block, versions[block]))
            elif client.read(block * BLOCK_BYTES, BLOCK_BYTES) != stamped(seed, block, versions[block]):
                raise AssertionError("block %d is not what was written" % block)
            now = time.monotonic_ns()
            pause = (now - self.answered_nanos.value) // 1000
            if pause > self.longest_micros.value:
                self.longest_micros.value = pause
            self.answered_nanos.value = now
            self.operations.value += 1

    def failure(self):
        """What was wrong, or None."""
        if self.why.poll():
            try:
                self.reason = self.why.recv()
            except EOFError:
                pass
        return getattr(self, "reason", None)

    def longest_pause_millis(self):
        """Since the last call; a pause that goes on counts."""
        waiting = (time.monotonic_ns() - self.answered_nanos.value) // 1000
        longest = max(self.longest_micros.value, waiting)
        self.longest_micros.value = 0
        return longest / 1000

    def stop(self):
        self.process.terminate()
        self.process.join(10)


class Fio:
    """fio --verify=crc32c, one pass after the other; its clat max is the longest pause of each.

    When its server goes fio spins and fills its log: both have a limit, also when nobody is left to end it.
    """

    Pass = collections.namedtuple("Pass", "error longest_millis")

    def __init__(self, uri, seed):
        self.uri = uri
        self.seed = seed
        self.passes = []
        self.child = None
        self.stopping = False
        self.changed = threading.Condition()
        self.thread = threading.Thread(target=self._loop, daemon=True)
        self.thread.start()

    @staticmethod
    def there():
        return shutil.which("fio") is not None

    def _loop(self):
        while not self.stopping and not (self.passes and self.passes[-1].error):
            done = self._pass()
            with self.changed:
                self.passes.append(done)
                self.changed.notify_all()

    def _pass(self):
        self.seed += 1
        # With threads it is one process, which ends as a whole.
        command = ["fio", "--thread", "--name=neighbour", "--ioengine=nbd", "--uri=" + self.uri, "--rw=randwrite",
                   "--bs=4k", "--iodepth=8", "--size=%d" % FIO_BYTES, "--verify=crc32c", "--do_verify=1",
                   "--verify_fatal=1", "--randseed=%d" % self.seed, "--output-format=json"]
        with tempfile.TemporaryDirectory(prefix="chainring-fio") as folder, tempfile.TemporaryFile() as output:
            self.child = subprocess.Popen(
                command, stdout=output, stderr=subprocess.STDOUT, cwd=folder,
                preexec_fn=children.binding((resource.RLIMIT_FSIZE, FIO_OUTPUT_BYTES),
                                            (resource.RLIMIT_CPU, FIO_LIMIT_SECONDS)))
            try:
                code = self.child.wait(FIO_LIMIT_SECONDS)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
                return self.Pass("fio did not end within %d s" % FIO_LIMIT_SECONDS, 0)
            output.seek(0)
            text = output.read().decode("utf-8", "replace")
        if self.stopping:
            return self.Pass(None, 0)
        try:
            job = json.loads(text[text.index("{\n"):])["jobs"][0]
        except ValueError:
            return self.Pass("fio ended with %d: %s" % (code, text[-300:].strip()), 0)
        nanos = max(job[kind]["clat_ns"]["max"] for kind in ("read", "write"))
        error = "fio ended with %d, error %d" % (code, job["error"]) if code or job["error"] else None
        return self.Pass(error, nanos / 1e6)

    def await_pass(self, since, limit_seconds):
        """Waits until a pass has ended that is behind the first `since`; false when none came."""
        with self.changed:
            return self.changed.wait_for(lambda: len(self.passes) > since, limit_seconds)

    def stop(self):
        self.stopping = True
        child = self.child
        if child and child.poll() is None:
            os.kill(child.pid, signal.SIGKILL)
        self.thread.join(30)
