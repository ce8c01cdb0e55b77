"""The suites. Each gets a Scene, uses an export with programs of others, and returns a dictionary of figures."""

import contextlib
import json
import os
import pathlib
import time

import machine
import programs
from exerciser import Exerciser, Wrong
from programs import Fault, expect, need, run, same_content
from storage_daemon import StorageDaemon

ONE, TWO, ODD = "one", "two", "odd"
DISK_BYTES = 32 << 20
ODD_BYTES = (8 << 20) + 1001
DISKS = {ONE: DISK_BYTES, TWO: DISK_BYTES, ODD: ODD_BYTES}
HERE = pathlib.Path(__file__).parent


class Scene:
    """Where a suite works: the node, a folder of its own, seeded chance, and how much is wanted."""

    def __init__(self, node, folder, chance, long):
        self.node = node
        self.folder = pathlib.Path(folder)
        self.chance = chance
        self.long = long

    def uri(self, export):
        return "nbd+unix:///%s?socket=%s" % (export, self.node.socket)

    def tcp(self, export):
        return "nbd://127.0.0.1:%d/%s" % (self.node.port, export)

    def pick(self, short, long):
        return long if self.long else short

    def image(self, name, size=DISK_BYTES):
        """A file with data, zeroes and holes."""
        path = self.folder / name
        with open(path, "wb") as file:
            at = 0
            while at < size:
                length = min(self.chance.randrange(1, 400_000), size - at)
                kind = self.chance.randrange(3)
                if kind == 0:
                    file.write(self.chance.randbytes(length))
                elif kind == 1:
                    file.write(bytes(length))
                else:
                    file.seek(length, os.SEEK_CUR)
                at += length
            file.truncate(size)
        return path


def zero(uri):
    run("qemu-io", "-f", "raw", "-c", "write -z 0 %d" % DISK_BYTES, uri)


def qemu_io(uri, commands):
    """Runs commands of qemu-io, which says of a wrong byte that the pattern verification failed."""
    words = [each for command in commands for each in ("-c", command)]
    printed = run("qemu-io", "-f", "raw", *words, uri)
    expect("failed" not in printed and "rror" not in printed, "qemu-io: " + printed[-500:])


def libnbd_tools(scene):
    """nbdinfo in all its forms, and the calls of libnbd with random arguments against a model"""
    need("nbdinfo")
    python = programs.python_with("nbd")
    uri = scene.uri(ONE)
    info = json.loads(run("nbdinfo", "--json", uri))["exports"][0]
    expect(info["export-size"] == DISK_BYTES, "nbdinfo: %s" % info)
    exports = json.loads(run("nbdinfo", "--list", "--json", uri))["exports"]
    expect(set(DISKS) <= {each["export-name"] for each in exports}, "nbdinfo --list: %s" % exports)
    expect(run("nbdinfo", "--size", uri).strip() == str(DISK_BYTES), "nbdinfo --size")
    for what in ("fua", "flush", "trim", "zero", "fast-zero", "multi-conn", "df", "cache", "structured-reply"):
        run("nbdinfo", "--can", what, uri)
    for what in ("connect", "read", "write"):
        run("nbdinfo", "--can", what, uri)
    run("nbdinfo", "--is", "read-only", uri, fails=True)
    run("nbdinfo", "--is", "rotational", uri, fails=True)
    for form in ([], ["--totals"], ["--json"]):
        expect(run("nbdinfo", "--map", *form, uri).strip(), "nbdinfo --map %s" % form)
    run("nbdinfo", "--size", scene.uri("no-such-disk"), fails=True)
    operations = 0
    for uri in (scene.uri(ONE), scene.tcp(ODD)):
        printed = run(python, HERE / "libnbd_client.py", uri, scene.chance.randrange(1 << 30),
                      scene.pick(250, 5000), TWO)
        operations += int(printed.split()[-1])
    return {"operations": operations}


def nbdcopy(scene):
    """nbdcopy both ways, between exports and through a pipe, with each of its options"""
    need("nbdcopy")
    image = scene.image("image")
    back = scene.folder / "back"
    forms = [
        ["--connections=4", "--requests=64", "--flush"],
        ["--connections=1", "--requests=1", "--threads=1", "--synchronous"],
        ["--sparse=0", "--allocated"],
        ["--sparse=512", "--no-extents", "--request-size=262144"],
        ["--request-size=4194304", "--queue-size=8388608", "--progress=2"],
    ]
    copies = 0
    for round_number in range(scene.pick(1, 20)):
        for form in forms:
            for export, uri in ((ONE, scene.uri), (TWO, scene.tcp)):
                run("nbdcopy", *form, image, uri(export))
                back.write_bytes(b"")
                os.truncate(back, DISK_BYTES)
                run("nbdcopy", *form, uri(export), back)
                same_content(image, back, DISK_BYTES)
                copies += 2
            image = scene.image("image")
            run("nbdcopy", *form, image, scene.uri(ONE))
            run("nbdcopy", *form, scene.uri(ONE), scene.tcp(TWO))
            with open(back, "wb") as file:
                file.write(b"")
            run("sh", "-c", 'nbdcopy "$1" - >"$2"', "sh", scene.uri(TWO), back)
            same_content(image, back, DISK_BYTES)
            copies += 3
    # A destination that is known to be zero gets the data only.
    zero(scene.uri(TWO))
    run("nbdcopy", "--destination-is-zero", image, scene.uri(TWO))
    run("nbdcopy", scene.uri(TWO), back)
    same_content(image, back, DISK_BYTES)
    odd = scene.image("odd", ODD_BYTES)
    run("nbdcopy", odd, scene.tcp(ODD))
    run("nbdcopy", scene.uri(ODD), back)
    same_content(odd, back, ODD_BYTES)
    return {"copies": copies + 4}


def nbdkit_proxy(scene):
    """nbdkit's own client as a proxy before an export: shared and with filters that cut and order requests"""
    need("nbdkit", "nbdcopy")
    image = scene.image("image")
    back = scene.folder / "back"
    proxies = 0
    for filters in ([], ["--filter=blocksize", "maxdata=65536"], ["--filter=readahead"], ["--filter=noextents"],
                    ["--filter=fua", "fuamode=emulate"], ["--filter=multi-conn", "multi-conn-mode=emulate"]):
        words = [each for each in filters if each.startswith("--")]
        settings = [each for each in filters if not each.startswith("--")]
        proxy = scene.folder / "proxy.sock"
        with contextlib.suppress(FileNotFoundError):
            proxy.unlink()
        server = programs.started("nbdkit", "-f", "-U", proxy, *words, "nbd", "uri=" + scene.uri(ONE), "retry=10", *settings,
                                  output=scene.folder / "nbdkit.log")
        try:
            machine.await_file(proxy, server, scene.folder / "nbdkit.log")
            uri = "nbd+unix:///?socket=%s" % proxy
            run("nbdcopy", "--flush", image, uri)
            run("nbdcopy", uri, back)
            same_content(image, back, DISK_BYTES)
            proxies += 1
        finally:
            programs.end(server)
    return {"proxies": proxies}


def nbdfuse_file(scene):
    """the exerciser on an export as a file of nbdfuse: any byte, any length, mapped pages"""
    need("nbdfuse")
    machine.need_root()
    # One that does not end with a sector.
    with machine.fused(scene.uri(ODD), scene.folder) as path:
        return _exercise(scene, path, ODD_BYTES, scene.pick(300, 20_000), resizes=False, holes=False)


def nbdfuse_file_system(scene):
    """ext4 on an export through nbdfuse and a loop device, the exerciser on its files, fsck at the end"""
    need("nbdfuse", "mkfs.ext4", "losetup", "e2fsck")
    machine.need_root()
    with machine.fused(scene.uri(TWO), scene.folder) as path, machine.looped(path) as device:
        run("mkfs.ext4", "-q", "-F", device)
        figures = {}
        for round_number in range(scene.pick(2, 10)):
            with machine.mounted(device, scene.folder / "mnt") as folder:
                figures = _exercise(scene, folder / ("file-%d" % round_number), 3 << 20, scene.pick(200, 5000))
                os.sync()
        run("e2fsck", "-f", "-n", device)
        return figures


def _exercise(scene, path, size, operations, **kinds):
    exerciser = Exerciser(path, size, scene.chance.randrange(1 << 30), **kinds)
    try:
        exerciser.run(operations)
    except Wrong as wrong:
        raise Fault("exerciser: %s" % wrong) from wrong
    finally:
        exerciser.close()
    return {"operations": operations}


def qemu_img(scene):
    """qemu-img: convert both ways, compare, map, bench; qemu-io: patterns at odd places"""
    need("qemu-img", "qemu-io", "nbdcopy")
    image = scene.image("image")
    uri, back = scene.uri(ONE), scene.folder / "back"
    rounds = scene.pick(1, 20)
    for round_number in range(rounds):
        for form in (["-n"], ["-n", "-W", "-m", "16"], ["-n", "-S", "0"], ["-n", "-t", "none"], ["-n", "--target-is-zero"]):
            if "--target-is-zero" in form:
                zero(uri)
            run("qemu-img", "convert", "-f", "raw", "-O", "raw", *form, image, uri)
            run("qemu-img", "compare", "-f", "raw", "-F", "raw", image, uri)
        run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", scene.tcp(ONE), back)
        run("qemu-img", "compare", "-f", "raw", "-F", "qcow2", image, back)
        run("qemu-img", "check", back)
        json.loads(run("qemu-img", "map", "--output=json", "-f", "raw", uri))
    odd = scene.image("odd", ODD_BYTES)
    run("nbdcopy", odd, scene.uri(ODD))
    run("qemu-img", "convert", "-f", "raw", "-O", "raw", scene.uri(ODD), back)
    same_content(odd, back, ODD_BYTES)
    run("qemu-img", "bench", "-w", "-f", "raw", "-c", scene.pick(500, 20_000), "-d", "32", "-s", "4096", scene.uri(TWO))
    patterns = scene.pick(40, 1000)
    for number in range(patterns):
        at = number * 70_001 % (DISK_BYTES - 70_000)
        length = scene.chance.randrange(1, 70_000)
        pattern = 1 + number % 255
        write = scene.chance.choice(("write", "write -f", "aio_write"))
        commands = ["%s -P %d %d %d" % (write, pattern, at, length), "aio_flush",
                    "read -P %d %d %d" % (pattern, at, length)]
        if number % 5 == 0:
            commands += ["write -z %s %d %d" % (scene.chance.choice(("", "-u")), at, length),
                         "read -P 0 %d %d" % (at, length)]
        qemu_io(scene.uri(TWO), commands)
    return {"rounds": rounds, "patterns": patterns}


def qemu_jobs(scene):
    """qemu-storage-daemon: backup and mirror jobs from an export and to one, written to meanwhile, and its own export"""
    need("qemu-storage-daemon", "qemu-img", "qemu-io")
    jobs = 0
    for round_number in range(scene.pick(1, 20)):
        image = scene.image("image")
        run("qemu-img", "convert", "-n", "-f", "raw", "-O", "raw", image, scene.uri(ONE))
        with StorageDaemon(scene.folder) as daemon:
            daemon.ask("blockdev-add", driver="raw", **{"node-name": "source"}, file=daemon.nbd(scene.node.socket, ONE))
            daemon.ask("blockdev-add", driver="raw", **{"node-name": "target"}, file=daemon.nbd(scene.node.socket, TWO))
            backup = scene.folder / "backup"
            backup.write_bytes(b"")
            os.truncate(backup, DISK_BYTES)
            daemon.ask("blockdev-add", driver="raw", **{"node-name": "backup"},
                       file={"driver": "file", "filename": str(backup)})
            exported = scene.folder / "exported.sock"
            daemon.ask("nbd-server-start", addr={"type": "unix", "data": {"path": str(exported)}})
            daemon.ask("block-export-add", type="nbd", id="e", **{"node-name": "source"}, name="", writable=True)
            through = "nbd+unix:///?socket=%s" % exported
            # A backup is the source as it was, whatever is written meanwhile.
            daemon.ask("blockdev-backup", **{"job-id": "b"}, device="source", target="backup", sync="full")
            run("qemu-io", "-f", "raw", "-c", "write -P 77 %d 1000000" % (DISK_BYTES - 3_000_000), through)
            daemon.finished("b")
            same_content(image, backup, DISK_BYTES)
            # A mirror is the source as it is in the end.
            daemon.ask("blockdev-mirror", **{"job-id": "m"}, device="source", target="target", sync="full")
            run("qemu-io", "-f", "raw", "-c", "write -P 78 1000000 500001", "-c", "write -z 5000000 700000", through)
            daemon.ready("m")
            run("qemu-io", "-f", "raw", "-c", "write -P 79 3 77777", through)
            daemon.ask("job-complete", id="m")
            daemon.finished("m")
            # And back: a backup to an export.
            daemon.ask("blockdev-backup", **{"job-id": "r"}, device="backup", target="source", sync="full")
            daemon.finished("r")
            jobs += 3
        run("qemu-img", "compare", "-f", "raw", "-F", "raw", image, scene.uri(ONE))
        qemu_io(scene.uri(TWO), ["read -P 79 3 77777", "read -P 78 1000000 500001", "read -P 0 5000000 700000",
                                 "read -P 77 %d 1000000" % (DISK_BYTES - 3_000_000)])
    return {"jobs": jobs}


def fio_verify(scene):
    """fio's nbd engine, which cannot reconnect: unaligned blocks of all sizes, verified"""
    need("fio")
    for unaligned in (0, 1):
        run("fio", "--name=v", "--ioengine=nbd", "--uri=" + scene.uri(TWO), "--rw=randwrite", "--bsrange=512-70k",
            "--bs_unaligned=%d" % unaligned, "--iodepth=16", "--size=%d" % DISK_BYTES,
            "--io_size=%dM" % scene.pick(16, 512), "--verify=crc32c", "--verify_fatal=1", "--serialize_overlap=1",
            "--randseed=%d" % scene.chance.randrange(1 << 30), "--output-format=terse")
    return {"passes": 2}


SUITES = {
    "libnbd-tools": libnbd_tools, "nbdcopy": nbdcopy, "nbdkit-proxy": nbdkit_proxy, "nbdfuse-file": nbdfuse_file,
    "nbdfuse-file-system": nbdfuse_file_system, "qemu-img": qemu_img, "qemu-jobs": qemu_jobs, "fio-verify": fio_verify,
}
