#!/usr/bin/env bash
# Time from a kill of the backend to the first completion of a chain that its successor resumed: median and 99th
# percentile of 1,000 kills on a disk with 1,000 past chains, and of as many on one with 1,000,000.
#
#   --quick          does everything, measures nothing worth reading: 10 kills, no warm-up
#   --dir DIR        where journals and images are while it runs (TMPDIR, else /tmp)
#   --json FILE      result file (benchmarks/results/recovery.json)
#   --kills N        measured kills after each past (1000)      --past LIST   past chains (1000,1000000)
#   --depth N        requests in flight (16)                    --fsync on    journal on stable storage (off)
#   --seed N         of kill modes, moments and offsets (20190129)
#
# CHAINRING_JAVA_OPTS goes to the JVM. Exit code 1: a request failed or a ring was lost, which must not happen;
# 2: something it needs is missing, one line says what.
set -euo pipefail
# shellcheck source=benchmarks/lib.sh
. "$(dirname "$0")/lib.sh"

java_benchmark recovery io.chainring.benchmarks.RecoveryBenchmark \
  "--kills --past --depth --fsync --seed" \
  "--kills 10 --past 1000,20000 --warm-kills 0" "$@"
