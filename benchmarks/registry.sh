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

folder=${TMPDIR:-/tmp}
result=$root/benchmarks/results/registry.json
options=()
while [ $# -gt 0 ]; do
  case $1 in
    --quick) options+=(--disks 200 --warm-disks 200) ;;
    -h | --help)
      sed -n '2,/^set /s/^#\( \|$\)//p' "$0"
      exit 0
      ;;
    *)
      [ $# -ge 2 ] || fail "unknown argument '$1', or its value is missing (see --help)"
      case $1 in
        --dir) folder=$2 ;;
        --json) result=$2 ;;
        --disks | --fsync | --seed) options+=("$1" "$2") ;;
        *) fail "unknown argument '$1' (see --help)" ;;
      esac
      shift
      ;;
  esac
  shift
done

make_scratch "$folder"
build_java registry
run_java io.chainring.benchmarks.RegistryBenchmark --json "$result" "${options[@]}"
echo "Figures: $result"
