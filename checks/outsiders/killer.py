"""Kills backends and hosts of a node, one after the other, in an order that the seed gives."""

import random
import threading

TARGETS = ("backend", "host")
MODES = ("interrupt", "error", "stop", "terminate")
# Between two kills: long enough for a recovery, short enough for many.
PAUSE_SECONDS = (0.02, 0.4)


class Killer:
    """A thread; `disks` are those that it kills."""

    def __init__(self, node, disks, seed):
        self.node = node
        self.disks = disks
        self.chance = random.Random(seed)
        self.kills = 0
        self.fault = None
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self):
        try:
            while not self._end.wait(self.chance.uniform(*PAUSE_SECONDS)):
                disk, target, how = (self.chance.choice(each) for each in (self.disks, TARGETS, MODES))
                self.kills += self.node.kill(disk, target, how)
        except OSError as error:
            self.fault = "no answer to a kill: %s" % (error or type(error).__name__)

    def stop(self):
        self._end.set()
        self._thread.join(120)
