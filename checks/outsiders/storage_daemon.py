"""qemu-storage-daemon, spoken to in QMP (QEMU docs/interop/qmp-spec)."""

import json
import os
import socket

import machine
import programs
from programs import Fault

LIMIT_SECONDS = 300


class StorageDaemon:
    def __init__(self, folder):
        path, log = folder / "qmp.sock", folder / "storage-daemon.log"
        if os.path.exists(path):
            os.unlink(path)
        self.process = programs.started(
            "qemu-storage-daemon", "--chardev", "socket,id=c,server=on,wait=off,path=%s" % path, "--monitor", "c",
            output=log)
        self.jobs = {}
        try:
            machine.await_file(path, self.process, log)
            self.connection = socket.socket(socket.AF_UNIX)
            self.connection.settimeout(LIMIT_SECONDS)
            self.connection.connect(str(path))
            self.lines = self.connection.makefile("rb")
            self._next()
            self.ask("qmp_capabilities")
        except BaseException:
            programs.end(self.process, ask=False)
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()
        programs.end(self.process)

    @staticmethod
    def nbd(path, export):
        """An export as a node of the daemon."""
        return {"driver": "nbd", "server": {"type": "unix", "path": str(path)}, "export": export}

    def _next(self):
        line = self.lines.readline()
        if not line:
            raise Fault("qemu-storage-daemon has ended")
        message = json.loads(line)
        if message.get("event") == "JOB_STATUS_CHANGE":
            self.jobs.setdefault(message["data"]["id"], []).append(message["data"]["status"])
        elif message.get("event") == "BLOCK_JOB_COMPLETED" and "error" in message["data"]:
            raise Fault("job: %s" % message["data"])
        elif message.get("event") == "BLOCK_JOB_ERROR":
            raise Fault("job: %s" % message["data"])
        return message

    def ask(self, command, **arguments):
        """The answer to a command."""
        self.connection.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        while True:
            message = self._next()
            if "error" in message:
                raise Fault("%s: %s" % (command, message["error"]["desc"]))
            if "return" in message:
                return message["return"]

    def _await(self, job, *states):
        while not set(states) & set(self.jobs.get(job, ())):
            self._next()

    def ready(self, job):
        """A mirror has caught up."""
        self._await(job, "ready")

    def finished(self, job):
        self._await(job, "null")
        if "aborting" in self.jobs[job]:
            raise Fault("job %s failed: %s" % (job, self.jobs[job]))
