"""Gives commands to the disks of a node until the power fails, and looks at what became of them when the power is back.

  commands.py work SOCKET STATE SEED   one round of every command, then any, until the node is gone; makes STATE.answered
  commands.py files STATE DATA         before the node starts: its small files are whole, images have the size that was answered
  commands.py check SOCKET STATE       the node says what was answered, or what was begun since

SOCKET is the node's control socket. STATE is JSON lines: {"begin": action, "body": ..., "key": disk} and {"answer": DiskEntry,
...}; the last line of `work` may lack an answer. Every disk that a command was about is compared: a fault of one is a line.
"""
import http.client
import json
import os
import random
import socket
import sys

MEBIBYTE = 1 << 20
MOST_DISKS = 6
LIMIT_SECONDS = 60
ROUND = ("create", "resize", "rename", "eject", "insert", "move", "eject", "forget")
COMPARED = ("name", "uuid", "state", "sizeBytes", "deviceName", "generation", "identifier", "path")


class Gone(Exception):
    """The node does not answer."""


class OverUnixSocket(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=LIMIT_SECONDS)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def ask(path, method, page, body=None):
    """Status and document of one answer."""
    connection = OverUnixSocket(path)
    try:
        connection.request(method, page, json.dumps(body) if body else None, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Gone(str(error)) from error
    finally:
        connection.close()


class Known:
    """What was answered and what was begun, of every disk by the name that its first command gave it."""

    def __init__(self, path):
        self.path = path
        self.disks, self.pending, self.counts, self.refused, self.highest = {}, {}, {}, [], {}
        self.wrong, self.begun = [], 0
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                for line in file:
                    self._take(json.loads(line))

    def _take(self, line):
        if "begin" in line:
            self.pending[line["disk"]] = line
            self.begun += 1
        elif "settled" in line:
            self.pending.clear()
            self.disks = line["settled"]
        else:
            begun = self.pending.pop(line["disk"])
            if "refused" in line:
                self.refused.append(line)
                return
            self.counts[begun["begin"]] = self.counts.get(begun["begin"], 0) + 1
            entry = line["answer"]
            self._generation(line["disk"], entry)
            self.disks[line["disk"]] = None if begun["begin"] == "forget" else entry

    def _generation(self, disk, entry):
        """A name that is given again has a generation that nobody has seen."""
        value, given = entry["driveLetterValue"], (entry["generation"], entry["uuid"])
        if value is None:
            return
        highest = self.highest.get(value, (0, ""))
        if given != highest and given[0] <= highest[0]:
            self.wrong.append("%s has value %s in generation %s, %s had it" % (disk, value, given, highest))
        self.highest[value] = max(highest, given)

    def note(self, line):
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        self._take(line)


def body_of(action, entry, number):
    key = entry["uuid"] if entry else None
    if action == "create":
        return {"name": "d%d" % number, "sizeBytes": random.randint(1, 8) * MEBIBYTE}
    if action == "resize":
        return {"key": key, "sizeBytes": entry["sizeBytes"] + random.randint(1, 4) * MEBIBYTE}
    if action == "rename":
        return {"key": key, "newDiskName": "n%d" % number}
    if action == "move":
        return {"key": key, "newDeviceName": "vd" + random.choice("hijklmnop")}
    return {"key": key}


def give(known, path, action, disk, number):
    body = body_of(action, known.disks.get(disk), number)
    known.note({"begin": action, "disk": disk, "body": body})
    page = "rename" if action == "move" else action
    status, document = ask(path, "POST", "/disks/" + page, body)
    if status == 200:
        known.note({"answer": document, "disk": disk})
    elif status == 409:
        # Another disk has the name; nothing changed.
        known.note({"refused": document, "disk": disk})
    else:
        raise Gone("%s: %s" % (status, document))


def possible(known):
    """Actions that are not refused, each with its disk."""
    able = []
    there = {disk: entry for disk, entry in known.disks.items() if entry}
    if len(there) < MOST_DISKS:
        able.append(("create", None))
    for disk, entry in there.items():
        if entry["state"] == "inserted":
            able += [("resize", disk), ("rename", disk), ("move", disk), ("eject", disk)]
        elif entry["state"] == "free":
            able += [("insert", disk), ("forget", disk)]
    return able


def work(path, state, seed):
    random.seed(seed)
    known = Known(state)
    before, number = dict(known.counts), known.begun + 1
    try:
        first = "d%d" % number
        for action in ROUND:
            give(known, path, action, first, number)
            number += 1
        with open(state + ".answered", "w", encoding="utf-8"):
            pass
        while True:
            action, disk = random.choice(possible(known))
            give(known, path, action, disk or "d%d" % number, number)
            number += 1
    except Gone as gone:
        print("commands: the node is gone: %s" % gone)
    answered = {action: count - before.get(action, 0) for action, count in sorted(known.counts.items())}
    print("commands: answered before the power failed: %s, refused in all: %s" % (answered, len(known.refused)))
    for line in known.wrong:
        print("commands: " + line)
    missing = sorted(set(ROUND) - {action for action, count in answered.items() if count})
    if missing:
        print("commands: never answered: %s" % missing)
    return 1 if missing or known.wrong else 0


def allowed(entry, begun, found):
    """Whether a disk may be as it is found, after what was answered and what was begun since."""
    if begun is None:
        if entry is None or found is None:
            return entry is found
        return all(entry[field] == found[field] for field in COMPARED)
    action, body = begun["begin"], begun["body"]
    if found is None:
        return action == "create" or action == "forget"
    if action == "create":
        return found["state"] == "inserted" and found["sizeBytes"] == body["sizeBytes"]
    names = {entry["name"], body.get("newDiskName", entry["name"])}
    sizes = {entry["sizeBytes"], body.get("sizeBytes", entry["sizeBytes"])}
    whole = found["uuid"] == entry["uuid"] and found["path"] == entry["path"]
    if not whole or found["name"] not in names or found["sizeBytes"] not in sizes:
        return False
    if action == "resize" or found["state"] == entry["state"]:
        same = found["deviceName"] in (entry["deviceName"], body.get("newDeviceName"))
        return same and found["state"] == entry["state"]
    # A rename takes the disk away and brings it back; an eject and an insert do one of both.
    return found["state"] in ("inserted", "free")


def check(path, state):
    known = Known(state)
    status, document = ask(path, "GET", "/disks")
    listed = document["disks"] if status == 200 else []
    by_uuid = {entry["uuid"]: entry for entry in listed}
    by_name = {entry["name"]: entry for entry in listed}
    wrong, now = list(known.wrong), {}
    for disk in list(known.disks) + [each for each in known.pending if each not in known.disks]:
        entry, begun = known.disks.get(disk), known.pending.get(disk)
        found = by_uuid.get(entry["uuid"]) if entry else by_name.get(disk)
        if not allowed(entry, begun, found):
            wrong.append("disk %s is %s, answered was %s, begun %s" % (disk, found, entry, begun))
        now[disk] = found
    strangers = set(by_uuid) - {entry["uuid"] for entry in now.values() if entry} - {by_name.get("a", {}).get("uuid")}
    wrong += ["disk %s was forgotten, or made by nobody" % by_uuid[uuid] for uuid in strangers]
    for line in wrong[:10]:
        print("commands: " + line)
    print("commands: %d disks, %d of them there, %d begun and not answered, %d wrong"
          % (len(now), sum(1 for entry in now.values() if entry), len(known.pending), len(wrong)))
    known.note({"settled": {disk: entry for disk, entry in now.items() if entry}})
    return 1 if wrong or not known.counts else 0


def files(state, data):
    known = Known(state)
    wrong = []
    for name in ("disks.json", "node.json"):
        try:
            with open(os.path.join(data, name), encoding="utf-8") as file:
                json.load(file)
        except (OSError, ValueError) as error:
            wrong.append("%s: %s" % (name, error))
    for disk, entry in known.disks.items():
        if entry is None:
            continue
        begun = known.pending.get(disk)
        sizes = {entry["sizeBytes"], begun["body"].get("sizeBytes") if begun else None}
        found = os.path.getsize(entry["path"]) if os.path.exists(entry["path"]) else None
        if found not in sizes or found is None:
            wrong.append("image %s has %s bytes, answered were %s" % (entry["path"], found, entry["sizeBytes"]))
    for line in wrong[:10]:
        print("commands: " + line)
    return 1 if wrong else 0


if __name__ == "__main__":
    if sys.argv[1] == "work":
        sys.exit(work(sys.argv[2], sys.argv[3], int(sys.argv[4])))
    elif sys.argv[1] == "files":
        sys.exit(files(sys.argv[2], sys.argv[3]))
    else:
        sys.exit(check(sys.argv[2], sys.argv[3]))
