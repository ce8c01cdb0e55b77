"""Programs that the attack starts, and their end: none outlives it, however it ends.

Whoever ends the attack by a signal has it clean up; one that is killed leaves nothing that runs: the kernel then ends the
children, and those that spin on their own have an amount of processor time.
"""

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


def bound_to(parent, limits=()):
    """For the child, before it becomes another program: it ends with its parent, and has the limits of resources.

    The parent's thread counts that starts it, so one that stays has to.
    """
    if _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != parent:
        os._exit(1)
    for which, limit in limits:
        resource.setrlimit(which, (limit, limit))


def binding(*limits):
    """The preexec_fn of a Popen."""
    parent = os.getpid()
    return lambda: bound_to(parent, limits)


def end_in_good_order():
    """SIGTERM, SIGHUP and SIGINT unwind what is under way, and with it all that was started and mounted."""
    def end(number, _):
        for each in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(each, signal.SIG_IGN)
        sys.exit(128 + number)

    for each in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(each, end)
