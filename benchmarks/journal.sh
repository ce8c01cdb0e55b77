#!/usr/bin/env bash
# Journals side by side in one run: ours and Pekko's stock LevelDB journal with fsync off and on, ours with actors and journal
# on one thread, and Pekko's in-memory journal, under 1, 16 and 256 persistent actors. Each actor has one persist of 100
# bytes outstanding. The journals take turns within a round; medians over the rounds, ratios to the stock journal. With
# fsync on, LevelDB alone comes along, without actors: one synced batch of all events after the other.
#
#   --rounds N       rounds (5)                   --seconds N      measured seconds of a run (2)
#   --entities LIST  numbers of actors (1,16,256) --fsync LIST     durabilities (off,on)
#   --dir DIR        where journals are while it runs: a disk, not a file system in memory (TMPDIR, else /tmp)
#   --json FILE      result file (benchmarks/results/journal.json)
#   --check          exit code 1 when a floor is missed: with fsync off 2 times the stock journal's rate and at most 25 us a
#                    persist for 1 actor, 1.5 times for 16; with fsync on 1, 10 and 15 times for 1, 16 and 256
#   --quick          does everything, measures nothing worth reading: one round of 0.3 s
#
# CHAINRING_JAVA_OPTS goes to the JVM. Exit code 2: something it needs is missing; one line says what.
set -euo pipefail
# shellcheck source=benchmarks/lib.sh
. "$(dirname "$0")/lib.sh"

# Any application's options, not a node's: the in-memory journal keeps all that it is given.
java_memory=(-Xms1g -Xmx1g)
java_benchmark journal io.chainring.benchmarks.JournalBenchmark \
  "--rounds --seconds --entities --fsync --check!" \
  "--rounds 1 --seconds 0.3 --warm-seconds 0" "$@"
