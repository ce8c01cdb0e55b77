"""What needs root: mounts and devices, and their end."""

import contextlib
import os
import pathlib
import subprocess
import time

import programs
from programs import Fault, Missing, run

AWAIT_SECONDS = 120


def need_root():
    if os.geteuid() != 0 or not os.path.exists("/dev/fuse"):
        raise Missing("missing: root, and /dev/fuse")


def await_file(path, process, log, size=0):
    """Waits until a file is there, and has a size, while a process lives."""
    end = time.monotonic() + AWAIT_SECONDS
    while not os.path.exists(path) or os.stat(path).st_size < size:
        if process.poll() is not None or time.monotonic() > end:
            raise Fault("%s has not come: %s" % (path, pathlib.Path(log).read_text("utf-8", "replace")[-500:]))
        time.sleep(0.02)


@contextlib.contextmanager
def fused(uri, folder):
    """An export as a file."""
    mount = folder / "fuse"
    mount.mkdir(exist_ok=True)
    path, log = mount / "disk", folder / "nbdfuse.log"
    process = programs.started("nbdfuse", path, uri, output=log)
    try:
        await_file(path, process, log, size=1)
        yield path
        _unmount(mount)
    finally:
        programs.end(process, ask=False)
        _let_go(mount)


@contextlib.contextmanager
def looped(path):
    """A file as a block device."""
    device = run("losetup", "--find", "--show", path).strip()
    try:
        yield device
    finally:
        run("losetup", "-d", device)


@contextlib.contextmanager
def mounted(device, folder):
    folder.mkdir(exist_ok=True)
    run("mount", "-o", "discard", device, folder)
    try:
        yield folder
        _unmount(folder)
    finally:
        _let_go(folder)


def _unmount(folder):
    """What still looks at it, as a desktop may, has a moment to go."""
    end = time.monotonic() + AWAIT_SECONDS
    while subprocess.run(["umount", str(folder)], stderr=subprocess.DEVNULL, timeout=120).returncode != 0:
        if time.monotonic() > end:
            raise Fault("%s could not be unmounted" % folder)
        time.sleep(0.1)


def _let_go(folder):
    """Of whatever is still mounted after a fault, so that nothing of it stays."""
    subprocess.run(["umount", "-l", str(folder)], stderr=subprocess.DEVNULL, timeout=120)
