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

folder=${TMPDIR:-/tmp}
result=$root/benchmarks/results/recovery.json
options=()
while [ $# -gt 0 ]; do
  case $1 in
    --quick) options+=(--kills 10 --past "1000,20000" --warm-kills 0) ;;
    -h | --help)
      sed -n '2,/^set /s/^#\( \|$\)//p' "$0"
      exit 0
      ;;
    *)
      [ $# -ge 2 ] || fail "unknown argument '$1', or its value is missing (see --help)"
      case $1 in
        --dir) folder=$2 ;;
        --json) result=$2 ;;
        --kills | --past | --depth | --fsync | --seed) options+=("$1" "$2") ;;
        *) fail "unknown argument '$1' (see --help)" ;;
      esac
      shift
      ;;
  esac
  shift
done

# The JDK, and Maven with a bound, as the checks find them.
checks=$root/checks
# shellcheck source=checks/lib.sh
. "$checks/lib.sh"
JAVA_HOME=$(find_jdk any) || fail "no JDK $java_floor or newer found (JAVA_HOME, PATH, /usr/lib/jvm)"
export JAVA_HOME

make_scratch "$folder"
echo "recovery: building"
maven 15m -q -pl benchmarks -am -Dmaven.test.skip=true -Dchainring.plain=true -Djacoco.skip=true \
  -Dchainring.target=target/benchmark package >"$scratch/build.log" 2>&1 </dev/null || {
  sed -n 's/^.*\[ERROR\] //p' "$scratch/build.log" | head -n 3 >&2
  fail "the build failed"
}
mkdir -p "$(dirname "$result")"

# A node's own JVM options, see ./chainring.
java_options=(-Xms64m -Xmx160m -XX:MaxDirectMemorySize=96m -Xss512k -XX:+UseSerialGC
  --enable-native-access=ALL-UNNAMED --add-opens=java.base/java.nio=ALL-UNNAMED
  --add-opens=java.base/jdk.internal.misc=ALL-UNNAMED)
[ "$(jdk_feature "$JAVA_HOME")" -lt 24 ] || java_options+=(--sun-misc-unsafe-memory-access=allow)
classes=$root/benchmarks/target/benchmark/classes
libraries=$root/node/target/benchmark
node_jar=$(find "$libraries" -maxdepth 1 -name 'chainring-node-*.jar' ! -name '*-tests.jar' | head -n 1)
[ -n "$node_jar" ] || fail "the build left no node in $libraries"

status=0
# shellcheck disable=SC2086 # several options
timeout -k 10 3600 "$JAVA_HOME/bin/java" "${java_options[@]}" ${CHAINRING_JAVA_OPTS:-} \
  -cp "$classes:$node_jar:$libraries/lib/*" io.chainring.benchmarks.RecoveryBenchmark \
  --dir "$scratch" --json "$result" --commit "$(commit)" --machine "$(machine)" "${options[@]}" \
  2> >(head -c 16777216 >"$scratch/errors.log") </dev/null || status=$?
if [ "$status" -ne 0 ]; then
  tail -n 5 "$scratch/errors.log" >&2
  exit "$status"
fi
echo "Figures: $result"
