"""Attacks a node and looks whom it hurts. See checks/hostile.sh --help."""

import argparse
import contextlib
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import children
import doors
import machine
import memory
import nbd
import neighbours
import node as nodes
from context import Context, Fault, Missing

LOG_LINES = 100
LOG_BYTES = 64 << 10
FIO_PASS_SECONDS = 120
# A guard: attacks take seconds in the short form, minutes in the long one.
ATTACK_SECONDS = (300, 1800)
DISKS = {"witness": "8M", "fio": "4M", "other": "4M", "target": "512M"}
ATTACKS = {**memory.ATTACKS, **doors.ATTACKS, **machine.ATTACKS}
EXAMPLES = """examples:
  checks/hostile.sh                          all attacks, short form
  checks/hostile.sh --long --json > run.json all attacks, long form
  checks/hostile.sh --only unread-replies    one of them
  checks/hostile.sh --seed 7 --only garbage  the same bytes again

attacks:
%s

After each: the process is the same, its neighbours (a client that verifies each block, and a verifying fio) saw no wrong
byte and got on in every step, resident memory stayed under the figure that the launcher states, the log grew by no more
than %d lines and has no control bytes, status answers, and a new client is served.
Exit code: 0 nobody was hurt, 1 somebody was, 2 it could not run.
""" % ("\n".join("  %-18s %s" % (name, attack.__doc__) for name, attack in ATTACKS.items()), LOG_LINES)


@contextlib.contextmanager
def _limit(seconds):
    def end(*_):
        raise Fault("the attack did not end within %d s" % seconds)

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


class Stage:
    """A node with its neighbours."""

    def __init__(self, seed, options=(), data=None, descriptors=None):
        self.node = nodes.Node(DISKS, options, data, descriptors)
        self.witness = None
        self.fio = None
        try:
            self._invite_neighbours(seed)
        except BaseException:
            self.end()
            raise

    def _invite_neighbours(self, seed):
        self.witness = neighbours.Witness(self.node.address, "witness", seed)
        if not nodes.wait_until(lambda: self.witness.operations.value > 0 or self.witness.failure(), 90):
            raise RuntimeError("the neighbour has not begun")
        if neighbours.Fio.there():
            self.fio = neighbours.Fio("nbd+unix:///fio?socket=" + self.node.socket, seed)
            self.fio.await_pass(0, FIO_PASS_SECONDS)

    def end(self):
        if self.witness:
            self.witness.stop()
        if self.fio:
            self.fio.stop()
        self.node.destroy()


class Run:
    def __init__(self, arguments):
        self.arguments = arguments
        self.scratch = tempfile.mkdtemp(prefix="chainring-hostile")
        self.limit_megabytes = nodes.stated_resident_megabytes()
        self.tls = self._certificate()
        self.shared = None
        self.mounted = []

    def _certificate(self):
        """Options of a node with a certificate; none without openssl."""
        if not shutil.which("openssl"):
            return []
        key, certificate = self.scratch + "/key.pem", self.scratch + "/cert.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:3072", "-nodes", "-days", "2", "-subj",
                        "/CN=localhost", "-keyout", key, "-out", certificate],
                       check=True, timeout=60, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.chmod(key, 0o600)
        return ["--tls", "on", "--tls-certificate", certificate, "--tls-key", key]

    def _stage(self, name):
        seed = self.arguments.seed
        if name == "descriptors":
            return Stage(seed, descriptors=256)
        if name == "full-file-system":
            folder = tempfile.mkdtemp(dir=self.scratch)
            # Room for what a node of one loop leaves free, and for half of a disk.
            mount = ["mount", "-t", "tmpfs", "-o", "size=560m,mode=700", "tmpfs", folder]
            if subprocess.run(mount, timeout=20, stderr=subprocess.DEVNULL).returncode != 0:
                raise Missing("missing: the right to mount a tmpfs")
            self.mounted.append(folder)
            config = self.scratch + "/one-loop.conf"
            with open(config, "w") as file:
                file.write("chainring.node.loops = 1\n")
            return Stage(seed, ["--config", config], data=folder)
        if name == "tls-hellos" and not self.tls:
            raise Missing("missing: openssl")
        if not self.shared:
            self.shared = Stage(seed, self.tls)
        return self.shared

    def attack(self, name):
        """{name, verdict: held | hurt | missing, failures, figures} of one attack."""
        began = time.monotonic()
        try:
            stage = self._stage(name)
        except Missing as lacking:
            return {"name": name, "verdict": "missing", "failures": [str(lacking)], "figures": {}}
        context = Context(stage.node, stage.witness, random.Random("%d %s" % (self.arguments.seed, name)),
                          self.arguments.long)
        try:
            self._judge(name, stage, context)
        finally:
            # What an attack broke, or made larger, is not the next one's.
            if stage is not self.shared or context.failures:
                stage.end()
                self.shared = None if stage is self.shared else self.shared
                self._unmount()
        context.figures["seconds"] = round(time.monotonic() - began, 1)
        verdict = "hurt" if context.failures else "held"
        return {"name": name, "verdict": verdict, "failures": context.failures, "figures": context.figures}

    def _judge(self, name, stage, context):
        node, log, figures = stage.node, stage.node.log, context.figures
        lines, length, control = log.lines, log.bytes, log.control_bytes
        passes = len(stage.fio.passes) if stage.fio else 0
        operations = stage.witness.operations.value
        stage.witness.longest_pause_millis()
        node.reset_peak()
        sent = nbd.Client.sent_bytes
        pid = node.pid
        try:
            with _limit(context.pick(*ATTACK_SECONDS)):
                ATTACKS[name](context)
        except (Fault, OSError) as fault:
            context.failures.append(str(fault) or type(fault).__name__)
        figures["sent_mb"] = round((nbd.Client.sent_bytes - sent) / 1e6, 1)
        context.close()
        self._look_at_node(context, pid)
        if node.lives():
            self._look_at_neighbours(stage, context, passes)
        figures.update(steps=context.steps, refused=context.refused, log_lines=log.lines - lines,
                       neighbour_ops=stage.witness.operations.value - operations,
                       pause_ms=round(stage.witness.longest_pause_millis(), 1))
        context.expect(log.lines - lines <= LOG_LINES,
                       "the log grew by %d lines, at last: %s" % (log.lines - lines, log.tail()))
        context.expect(log.bytes - length <= LOG_BYTES, "the log grew by %d bytes" % (log.bytes - length))
        context.expect(log.control_bytes == control, "control bytes in the log")
        if name == "descriptors" and node.lives():
            stage.witness.stop()
            machine.descriptors_end(context)

    def _look_at_node(self, context, pid):
        node = context.node
        if not node.lives():
            context.failures.append("the node has ended with %s: %s" % (node.process.poll(), node.log.tail(1)))
            return
        context.expect(os.path.exists("/proc/%d" % pid), "the process is another one")
        peak = node.peak_megabytes()
        context.figures.update(peak_mb=peak, resident_mb=node.resident_megabytes())
        context.expect(peak <= self.limit_megabytes, "%d MB resident, the launcher states %d" % (
            peak, self.limit_megabytes))
        try:
            context.expect(node.status() is not None, "status is not answered")
        except OSError as error:
            context.failures.append("status: %s" % (error or type(error).__name__))
        for export in ("other", "target"):
            try:
                context.newcomer(export)
            except Fault as fault:
                context.failures.append(str(fault))

    def _look_at_neighbours(self, stage, context, passes):
        if stage.fio and stage.fio.await_pass(passes, FIO_PASS_SECONDS):
            seen = stage.fio.passes[passes:]
            context.figures["fio_pause_ms"] = round(max(each.longest_millis for each in seen), 1)
            context.failures += ["neighbour: " + each.error for each in seen if each.error]
        elif stage.fio:
            context.failures.append("neighbour: fio gets nowhere")
        try:
            context.step()
        except Fault as fault:
            if str(fault) not in context.failures:
                context.failures.append(str(fault))

    def _unmount(self):
        while self.mounted:
            subprocess.run(["umount", "-l", self.mounted.pop()], timeout=20)

    def end(self):
        if self.shared:
            self.shared.end()
        self._unmount()
        shutil.rmtree(self.scratch, ignore_errors=True)


def line(result):
    figures = "  ".join("%s %s" % (key, value) for key, value in result["figures"].items())
    text = "%-8s %-17s %s" % (result["verdict"], result["name"], figures)
    return "\n".join([text.rstrip()] + ["           " + why for why in result["failures"]])


def main():
    parser = argparse.ArgumentParser(prog="checks/hostile.sh", description=__doc__, epilog=EXAMPLES,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=ATTACKS, metavar="NAME", help="this attack; may be repeated")
    parser.add_argument("--long", action="store_true", help="more of everything")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output instead of lines")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000, help="seed of all that is random")
    arguments = parser.parse_args()
    children.end_in_good_order()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096) if hard > 0 else soft, hard))
    if not arguments.json:
        print("hostile: seed %d, %s form" % (arguments.seed, "long" if arguments.long else "short"), flush=True)
    results = []
    run = Run(arguments)
    try:
        for name in arguments.only or ATTACKS:
            results.append(run.attack(name))
            if not arguments.json:
                print(line(results[-1]), flush=True)
    finally:
        run.end()
    hurt = [each["name"] for each in results if each["verdict"] == "hurt"]
    missing = [each["name"] for each in results if each["verdict"] == "missing"]
    if arguments.json:
        print(json.dumps({"seed": arguments.seed, "long": arguments.long, "fio": neighbours.Fio.there(),
                          "residentLimitMegabytes": run.limit_megabytes, "attacks": results}, indent=2))
    else:
        print("hostile: %d held, %d hurt somebody, %d not run" % (
            len(results) - len(hurt) - len(missing), len(hurt), len(missing)))
    incomplete = missing or not neighbours.Fio.there()
    return 1 if hurt or (incomplete and os.environ.get("CI") == "true") else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (RuntimeError, OSError, subprocess.SubprocessError) as failure:
        print("hostile.sh: %s" % failure, file=sys.stderr)
        sys.exit(2)
