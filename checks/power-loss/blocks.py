"""Writes to a disk of a node until the power fails, and looks at it when the power is back.

  blocks.py work URI STATE SEED     writes, flushes, notes in STATE what was begun and what was answered; makes STATE.flushed
  blocks.py check URI STATE         every block holds what was flushed, or something that was begun since

STATE is JSON: block number to the numbers that it may hold, the flushed one first. A write of number n fills its blocks
with n, word by word.
"""
import json
import os
import random
import struct
import sys
import time

BLOCK_BYTES = 4096
MOST_BLOCKS = 8
FLUSH_EVERY = 12
FUA_EVERY = 10
CONNECTS = 20


def load(path):
    if not os.path.exists(path):
        return {"next": 1, "flushes": 0, "blocks": {}}
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def save(path, state):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(state, file)


def connected(uri):
    import nbd

    # A node on a busy machine may close a connection whose first words come too late.
    for left in range(CONNECTS, 0, -1):
        handle = nbd.NBD()
        try:
            handle.connect_uri(uri)
            return handle
        except nbd.Error:
            if left == 1:
                raise
            time.sleep(1)


def settle(blocks, done):
    """What was answered before a flush that was answered is there; nothing older is."""
    for block, number in done.items():
        values = blocks[block]
        del values[: values.index(number)]
    done.clear()


def work(uri, path, seed):
    import nbd

    random.seed(seed)
    state = load(path)
    blocks, done = state["blocks"], {}
    try:
        handle = connected(uri)
        many = handle.get_size() // BLOCK_BYTES
        while True:
            number = state["next"]
            state["next"] = number + 1
            first, count = random.randrange(many - MOST_BLOCKS), random.randint(1, MOST_BLOCKS)
            fua = random.randrange(FUA_EVERY) == 0
            written = [str(block) for block in range(first, first + count)]
            for block in written:
                blocks.setdefault(block, [0]).append(number)
            data = struct.pack("<Q", number) * (BLOCK_BYTES // 8 * count)
            handle.pwrite(data, first * BLOCK_BYTES, nbd.CMD_FLAG_FUA if fua else 0)
            if fua:
                settle(blocks, {block: number for block in written})
                for block in written:
                    done.pop(block, None)
            else:
                done.update({block: number for block in written})
            if random.randrange(FLUSH_EVERY) == 0:
                handle.flush()
                settle(blocks, done)
                state["flushes"] += 1
                # Says that there is something to lose.
                with open(path + ".flushed", "a", encoding="utf-8"):
                    pass
    except nbd.Error as error:
        print("blocks: ended at number %d after %d flushes: %s" % (state["next"], state["flushes"], error))
    finally:
        save(path, state)


def check(uri, path):
    state = load(path)
    handle = connected(uri)
    wrong = []
    for block, values in state["blocks"].items():
        data = handle.pread(BLOCK_BYTES, int(block) * BLOCK_BYTES)
        # A sector is old or new as a whole; those of a block may differ.
        found = []
        for sector in range(0, BLOCK_BYTES, 512):
            words = set(struct.unpack_from("<64Q", data, sector))
            if len(words) != 1 or not words <= set(values):
                wrong.append("block %s holds %s, allowed are %s" % (block, sorted(words)[:4], values))
                break
            found += [word for word in words if word not in found]
        # What survived a power loss is on the storage.
        state["blocks"][block] = found
    save(path, state)
    for line in wrong[:10]:
        print("blocks: " + line)
    print("blocks: %d blocks, %d flushes, %d wrong" % (len(state["blocks"]), state["flushes"], len(wrong)))
    if state["flushes"] == 0:
        print("blocks: nothing was flushed")
    return 1 if wrong or state["flushes"] == 0 else 0


if __name__ == "__main__":
    if sys.argv[1] == "work":
        work(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        sys.exit(check(sys.argv[2], sys.argv[3]))
