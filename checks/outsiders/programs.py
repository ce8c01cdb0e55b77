"""How a suite starts an outside program: with a limit of time and of what it prints, and an error that says which one."""

import shutil
import subprocess

import children

LIMIT_SECONDS = 300
OUTPUT_BYTES = 1 << 20


class Missing(Exception):
    """The machine lacks something, which the text names."""


class Fault(Exception):
    """A program failed, or saw what nobody wrote."""


def need(*programs):
    for each in programs:
        if not shutil.which(each):
            raise Missing("missing: " + each)


def python_with(module):
    """A Python that has a module: Debian's own has its packages, another one on PATH has not."""
    for each in (shutil.which("python3"), "/usr/bin/python3"):
        if each and subprocess.run([each, "-c", "import " + module], stdin=subprocess.DEVNULL, timeout=60,
                                   stderr=subprocess.DEVNULL).returncode == 0:
            return each
    raise Missing("missing: a Python with the module " + module)


def run(*command, fails=False, limit=LIMIT_SECONDS):
    """Its output; `fails` when it is to end with an error."""
    words = [str(each) for each in command]
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=limit, preexec_fn=children.binding())
    except subprocess.TimeoutExpired as hung:
        raise Fault("%s did not end within %d s: %s" % (" ".join(words), limit, _tail(hung.stdout))) from hung
    if (done.returncode != 0) != fails:
        raise Fault("%s ended with %d: %s" % (" ".join(words), done.returncode, _tail(done.stdout)))
    return done.stdout[:OUTPUT_BYTES].decode("utf-8", "replace")


def started(*command, output):
    """A process in the background, which ends with this one."""
    with open(output, "wb") as file:
        return subprocess.Popen([str(each) for each in command], stdin=subprocess.DEVNULL, stdout=file,
                                stderr=subprocess.STDOUT, preexec_fn=children.binding())


def end(process, ask=True):
    """Ends a process of started()."""
    if process.poll() is None:
        (process.terminate if ask else process.kill)()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def expect(condition, otherwise):
    if not condition:
        raise Fault(otherwise)


def same_content(one, other, size):
    """Compares two files up to a size."""
    with open(one, "rb") as first, open(other, "rb") as second:
        at = 0
        while at < size:
            length = min(1 << 20, size - at)
            left, right = first.read(length), second.read(length)
            if left != right or len(left) != length:
                raise Fault("%s and %s differ between %d and %d" % (one, other, at, at + length))
            at += length


def _tail(output):
    return " | ".join((output or b"")[-2000:].decode("utf-8", "backslashreplace").splitlines()[-5:])
