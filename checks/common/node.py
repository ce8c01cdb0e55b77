"""A node, started the way people start one: ./chainring serve, with the launcher's own JVM options."""

import http.client
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

import children

ROOT = pathlib.Path(__file__).resolve().parents[2]
LAUNCHER = ROOT / "chainring"
START_LIMIT_SECONDS = 120
STOP_LIMIT_SECONDS = 60
COMMAND_LIMIT_SECONDS = 60
LOG_KEPT_BYTES = 1 << 20


def stated_resident_megabytes():
    """What the launcher says that a node stays under."""
    found = re.search(r"stays under (\d+) MB resident", LAUNCHER.read_text())
    if not found:
        raise RuntimeError("the launcher states no figure of resident memory")
    return int(found.group(1))


class Log:
    """What a node writes: counted whole, kept up to a limit."""

    def __init__(self, stream):
        self.lines = 0
        self.bytes = 0
        self.control_bytes = 0
        self.kept = bytearray()
        self.ready = threading.Event()
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self.thread.start()

    def _read(self, stream):
        control = bytes(set(range(32)) - {9, 10} | {127})
        with stream:
            while piece := stream.read1(1 << 16):
                self.bytes += len(piece)
                self.lines += piece.count(b"\n")
                self.control_bytes += len(piece) - len(piece.translate(None, control))
                if len(self.kept) < LOG_KEPT_BYTES:
                    self.kept += piece
                if b"Ready.\n" in self.kept[:1 << 16]:
                    self.ready.set()
        self.ended.set()
        self.ready.set()

    def tail(self, lines=3):
        return " | ".join(self.kept.decode("utf-8", "backslashreplace").splitlines()[-lines:])


class Node:
    """One process; `disks` is {name: size}, images are where the data directory has them."""

    def __init__(self, disks, options=(), data=None, descriptors=None):
        self.own = tempfile.mkdtemp(prefix="chainring-check") if data is None else None
        self.data = pathlib.Path(data or self.own)
        images = self.data / "images"
        images.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.socket = str(self.data / "nbd.sock")
        self.port, self.metrics_port = _free_port(), _free_port()
        command = [str(LAUNCHER), "serve", "--data", str(self.data), "--nbd", "127.0.0.1:%d" % self.port,
                   "--nbd-socket", self.socket, "--metrics", "127.0.0.1:%d" % self.metrics_port, *options]
        for name, size in disks.items():
            command += ["--disk", "%s=%s,size=%s" % (name, images / (name + ".img"), size)]
        limits = [(resource.RLIMIT_NOFILE, descriptors)] if descriptors else []
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, preexec_fn=children.binding(*limits),
                                        start_new_session=True)
        self.log = Log(self.process.stdout)
        try:
            self.log.ready.wait(START_LIMIT_SECONDS)
            if b"Ready.\n" not in self.log.kept:
                raise RuntimeError("the node did not start: " + self.log.tail())
        except BaseException:
            self.destroy()
            raise

    @property
    def address(self):
        return ("127.0.0.1", self.port)

    @property
    def pid(self):
        return self.process.pid

    def lives(self):
        return self.process.poll() is None

    def _memory(self, field):
        try:
            text = pathlib.Path("/proc/%d/status" % self.pid).read_text()
        except OSError:
            return 0
        found = re.search(field + r":\s+(\d+) kB", text)
        return int(found.group(1)) * 1024 // 1_000_000 if found else 0

    def resident_megabytes(self):
        return self._memory("VmRSS")

    def peak_megabytes(self):
        """The largest resident set since the last reset."""
        return self._memory("VmHWM")

    def reset_peak(self):
        pathlib.Path("/proc/%d/clear_refs" % self.pid).write_text("5")

    def descriptors(self):
        return len(os.listdir("/proc/%d/fd" % self.pid))

    def status(self):
        """The node's own answer, through the control socket."""
        return self._ask("GET", "/status")

    def kill(self, disk, target, how):
        """Kills a disk's backend or host; whether there was one to kill."""
        answer = self._ask("POST", "/kill", {"disk": disk, "target": target, "how": how})
        return bool(answer and answer["killed"])

    def _ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("localhost", timeout=COMMAND_LIMIT_SECONDS)
        connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.sock.settimeout(COMMAND_LIMIT_SECONDS)
        try:
            connection.sock.connect(str(self.data / "control.sock"))
            connection.request(method, path, json.dumps(body) if body else None)
            answer = connection.getresponse()
            return json.loads(answer.read(1 << 20)) if answer.status == 200 else None
        finally:
            connection.close()

    def command(self, *arguments):
        """Exit code and output of a command of the launcher."""
        done = subprocess.run([str(LAUNCHER), *arguments, "--data", str(self.data)], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=COMMAND_LIMIT_SECONDS)
        return done.returncode, done.stdout[:1 << 16].decode("utf-8", "replace")

    def terminate(self):
        """SIGTERM, and what it ends with; None when it does not."""
        if self.lives():
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            return None

    def destroy(self):
        if self.lives():
            self.process.kill()
            self.process.wait()
        self.log.ended.wait(10)
        if self.own:
            shutil.rmtree(self.own, ignore_errors=True)


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, limit_seconds):
    """Looks again and again; whether it came true."""
    end = time.monotonic() + limit_seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
