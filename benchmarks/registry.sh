#!/usr/bin/env bash
# Time of each request to the disk registry as it fills: 10,000 disks are inserted, looked up by UUID, device name and
# identifier, ejected and inserted again, one request after the other; medians by tenths of the disks.
#
#   --quick          does everything, measures nothing worth reading: 200 disks, hardly a warm-up
#   --dir DIR        where journals are while it runs (TMPDIR, else /tmp)
#   --json FILE      result file (benchmarks/results/registry.json)
#   --disks N        disks (10000)                              --fsync on    journal on stable storage (off)
#   --seed N         of UUIDs and of the order of look-ups and ejects (20180188)
#
# CHAINRING_JAVA_OPTS goes to the JVM. Exit code 1: a request was refused or got no answer, which must not happen;
# 2: something it needs is missing, one line says what.
set -euo pipefail
# shellcheck source=benchmarks/lib.sh
. "$(dirname "$0")/lib.sh"

java_benchmark registry io.chainring.benchmarks.RegistryBenchmark \
  "--disks --fsync --seed" \
  "--disks 200 --warm-disks 200" "$@"
