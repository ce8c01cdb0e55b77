#!/usr/bin/env bash
# Recovery of a persistent actor with 1,000 and with 1,000,000 events behind its snapshot, none of them deleted, and 100
# after it: median and 99th percentile with the database open, and of the first recovery after opening it.
#
#   --past LIST      events behind the snapshot, in thousands (1000,1000000)
#   --recoveries N   measured for each past (500) --reopenings N   openings of each database (10)
#   --fsync on       journal on stable storage (off)
#   --dir DIR        where journals are while it runs (TMPDIR, else /tmp)
#   --json FILE      result file (benchmarks/results/journal-recovery.json)
#   --quick          does everything, measures nothing worth reading
#
# CHAINRING_JAVA_OPTS goes to the JVM. Exit code 2: something it needs is missing; one line says what.
set -euo pipefail
# shellcheck source=benchmarks/lib.sh
. "$(dirname "$0")/lib.sh"

java_memory=(-Xms256m -Xmx256m)
java_benchmark journal-recovery io.chainring.benchmarks.JournalRecoveryBenchmark \
  "--past --recoveries --reopenings --fsync" \
  "--past 1000,20000 --recoveries 10 --reopenings 2" "$@"
