"""Runs outside programs against a node under kills. See checks/outsiders.sh --help."""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

import children
import node as nodes
from killer import Killer
from programs import Fault, Missing
from suites import DISKS, Scene, SUITES

KILLS_LEAST = 3
EXAMPLES = """examples:
  checks/outsiders.sh                           all suites, short form
  checks/outsiders.sh --long --json > run.json  all suites, long form
  checks/outsiders.sh --only qemu-jobs --seed 7 one of them, with the same choices again

suites:
%s

While each runs, backends and hosts of its disks are killed, at least %d times; the suite is repeated until they were. No
program may fail, and no byte may be another than what was written.
Exit code: 0 all passed, 1 something failed, 2 it could not run.
""" % ("\n".join("  %-20s %s" % (name, suite.__doc__) for name, suite in SUITES.items()), KILLS_LEAST)


def judge(name, node, arguments, folder):
    """{name, verdict: passed | failed | missing, failure, kills, figures} of a suite."""
    began = time.monotonic()
    seed = "%d %s" % (arguments.seed, name)
    chance = random.Random(seed)
    result = {"name": name, "verdict": "passed", "failure": None, "kills": 0, "figures": {}}
    rounds = 0
    while result["verdict"] == "passed" and result["kills"] < KILLS_LEAST:
        killer = Killer(node, tuple(DISKS), "%s %d" % (seed, rounds))
        scratch = tempfile.mkdtemp(dir=folder)
        try:
            result["figures"] = SUITES[name](Scene(node, scratch, chance, arguments.long))
        except Missing as lacking:
            result.update(verdict="missing", failure=str(lacking))
        except (Fault, OSError) as fault:
            result.update(verdict="failed", failure=str(fault) or type(fault).__name__)
        finally:
            killer.stop()
            shutil.rmtree(scratch, ignore_errors=True)
        result["kills"] += killer.kills
        if killer.fault or not node.lives():
            result.update(verdict="failed", failure="%s; node: %s" % (killer.fault, node.log.tail()))
        rounds += 1
    result["figures"].update(rounds=rounds, seconds=round(time.monotonic() - began, 1))
    return result


def line(result):
    figures = ", ".join("%s %s" % (name.replace("_", " "), value) for name, value in result["figures"].items())
    text = "  %-20s %-8s %4d kills  %s" % (result["name"], result["verdict"], result["kills"], figures)
    return text if result["failure"] is None else "%s\n    %s" % (text, result["failure"])


def main():
    parser = argparse.ArgumentParser(prog="checks/outsiders.sh", epilog=EXAMPLES, description=__doc__.split(". ")[0],
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--long", action="store_true", help="more of everything")
    parser.add_argument("--json", action="store_true", help="one JSON object at the end")
    parser.add_argument("--only", action="append", choices=sorted(SUITES), help="this suite; may be repeated")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30), help="of all choices (printed)")
    arguments = parser.parse_args()
    children.end_in_good_order()
    tell = sys.stderr if arguments.json else sys.stdout
    print("outsiders: seed %d, %s form" % (arguments.seed, "long" if arguments.long else "short"), file=tell, flush=True)
    folder = tempfile.mkdtemp(prefix="chainring-outsiders")
    node = None
    results = []
    try:
        node = nodes.Node(DISKS)
        for name in arguments.only or SUITES:
            results.append(judge(name, node, arguments, folder))
            print(line(results[-1]), file=tell, flush=True)
            if not node.lives():
                break
        code = node.terminate()
        if code != 0:
            results.append({"name": "end", "verdict": "failed", "kills": 0, "figures": {},
                            "failure": "the node ended with %s: %s" % (code, node.log.tail())})
            print(line(results[-1]), file=tell, flush=True)
    finally:
        if node:
            node.destroy()
        shutil.rmtree(folder, ignore_errors=True)
    failed = [each for each in results if each["verdict"] == "failed"]
    missing = [each for each in results if each["verdict"] == "missing"]
    if arguments.json:
        print(json.dumps({"seed": arguments.seed, "long": arguments.long, "suites": results}, indent=2))
    else:
        print("outsiders: %d passed, %d failed, %d not run, %d kills" % (
            len(results) - len(failed) - len(missing), len(failed), len(missing), sum(each["kills"] for each in results)))
    return 1 if failed or (missing and os.environ.get("CI") == "true") else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (RuntimeError, OSError, subprocess.SubprocessError) as failure:
        print("outsiders.sh: %s" % failure, file=sys.stderr)
        sys.exit(2)
