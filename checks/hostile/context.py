"""What an attack has at hand: the node, its neighbours, seeded chance, and a way to wait that counts instead of timing."""

import contextlib
import errno
import socket

import nbd
import node as nodes

# Between two steps of an attack the neighbour gets at least that much done: no pause outlasts a step.
OPERATIONS_A_STEP = 20
# A new client has its answer before the neighbour has done that many operations.
OPERATIONS_A_NEWCOMER = 20_000
# Nothing is judged by the clock; these end what hangs.
STANDSTILL_SECONDS = 60


class Missing(Exception):
    """The machine lacks something, which the text names."""


class Fault(Exception):
    """The attack hurt somebody."""


class Context:
    def __init__(self, node, witness, chance, long):
        self.node = node
        self.witness = witness
        self.chance = chance
        self.long = long
        self.clients = []
        self.figures = {}
        self.failures = []
        self.steps = 0
        self.refused = 0

    def pick(self, short, long):
        """How much: in the short form, in the long one."""
        return long if self.long else short

    def expect(self, condition, otherwise):
        if not condition:
            self.failures.append(otherwise)

    def step(self):
        """The end of a step: waits for the neighbour's operations."""
        if not self.node.lives():
            raise Fault("the node has ended with %s: %s" % (self.node.process.poll(), self.node.log.tail()))
        wanted = self.witness.operations.value + OPERATIONS_A_STEP
        going = nodes.wait_until(
            lambda: self.witness.operations.value >= wanted or self.witness.failure() or not self.node.lives(),
            STANDSTILL_SECONDS)
        if self.witness.failure():
            raise Fault("neighbour: " + self.witness.failure())
        if not going:
            raise Fault("neighbour: stood still, %d of %d operations in a step of %d s" % (
                OPERATIONS_A_STEP - wanted + self.witness.operations.value, OPERATIONS_A_STEP, STANDSTILL_SECONDS))
        self.steps += 1

    def source(self, number):
        """An address of loopback, as another machine would have one."""
        return "127.0.%d.%d" % (1 + number // 250, 1 + number % 250)

    def client(self, source=None, address=None, **options):
        """A connection that stays open until the attack ends; None when the node does not want it."""
        with self.tolerated():
            made = nbd.Client(address or self.node.address, source, **options)
            self.clients.append(made)
            return made
        return None

    @contextlib.contextmanager
    def tolerated(self):
        """To refuse or close an attacker's connection is the node's right."""
        try:
            yield
        except (ConnectionError, socket.timeout, nbd.Refused):
            self.refused += 1
        except OSError as error:
            if error.errno != errno.ENOTCONN:
                raise
            self.refused += 1

    def newcomer(self, export, source=None):
        """An honest new client: its GO is answered, and a read too."""
        before = self.witness.operations.value
        try:
            with nbd.Client(self.node.address, source, timeout=STANDSTILL_SECONDS) as client:
                client.go(export)
                client.read(0, 4096)
                client.disconnect()
        except (OSError, nbd.Refused) as error:
            raise Fault("a new client of %s: %s" % (export, error or type(error).__name__)) from error
        waited = self.witness.operations.value - before
        self.figures["newcomer_ops"] = max(waited, self.figures.get("newcomer_ops", 0))
        if waited > OPERATIONS_A_NEWCOMER:
            raise Fault("a new client of %s waited while its neighbour did %d operations" % (export, waited))

    def close(self):
        for client in self.clients:
            client.close()
