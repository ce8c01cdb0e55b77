# shellcheck shell=bash
# Common to the benchmarks; sourced, not run. Sets root (the project's folder) and scratch (a folder of this run, gone
# at its end), and ends every process that `background` has started.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
scratch=
started=()
# The result file of a benchmark that has one.
result=

fail() {
  printf '%s: %s\n' "$(basename "$0")" "$1" >&2
  exit 2
}

# need PROGRAM PACKAGE
need() {
  command -v "$1" >/dev/null || fail "$1 is not on PATH (Debian: apt install $2)"
}

# is_number NAME VALUE: a positive whole number.
is_number() {
  case $2 in
    '' | *[!0-9]* | 0*) fail "$1 takes a whole number from 1 on, not '$2'" ;;
  esac
}

# background LOG COMMAND...: starts it; what it says beyond 16 MiB is thrown away. Its id is in $!.
background() {
  local log=$1
  shift
  "$@" > >(
    head -c 16777216 >"$log"
    exec cat >/dev/null
  ) 2>&1 </dev/null &
  started+=("$!")
}

end_started() {
  local id
  for id in "${started[@]}"; do kill -TERM "$id" 2>/dev/null || true; done
  for id in "${started[@]}"; do
    for _ in $(seq 100); do
      kill -0 "$id" 2>/dev/null || break
      sleep 0.1
    done
    kill -KILL "$id" 2>/dev/null || true
    wait "$id" 2>/dev/null || true
  done
  started=()
}

end_run() {
  end_started
  if [ -n "$scratch" ]; then rm -rf "$scratch"; fi
}

# make_scratch FOLDER: a folder of this run inside it.
make_scratch() {
  scratch=$(mktemp -d "$1/chainring-bench.XXXXXX") || fail "cannot make a folder in $1 (--dir, TMPDIR)"
  trap end_run EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

machine() {
  local model
  model=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
  printf '%s, %s processors, %s MiB, Linux %s' "${model:-unknown processor}" "$(nproc)" \
    "$(($(sed -n 's/^MemTotal: *\([0-9]*\).*/\1/p' /proc/meminfo) / 1024))" "$(uname -r)"
}

commit() {
  local changed=
  if git -C "$root" rev-parse --git-dir >/dev/null 2>&1; then
    git -C "$root" diff --quiet HEAD 2>/dev/null || changed="+changes"
    printf '%s%s' "$(git -C "$root" rev-parse --short HEAD)" "$changed"
  else
    printf 'unknown'
  fi
}

# Text as a JSON string.
json() {
  printf '"%s"' "$(printf '%s' "$1" | sed 's/\\/\\\\/g; s/"/\\"/g' | tr -d '\000-\037')"
}

# read_options NAMES QUICK ARGUMENTS...: reads the command line of a benchmark that is a Java program. NAMES are the options
# that the program takes, those without a value with a ! behind them; QUICK is what --quick stands for. Sets folder
# (--dir), result (--json), and options for the program.
read_options() {
  local names=" $1 " quick=$2
  shift 2
  folder=${TMPDIR:-/tmp}
  options=()
  while [ $# -gt 0 ]; do
    case $1 in
      --quick)
        local words
        read -r -a words <<<"$quick"
        options+=("${words[@]}")
        ;;
      -h | --help)
        sed -n '2,/^set /s/^#\( \|$\)//p' "$0"
        exit 0
        ;;
      *)
        if [[ $names == *" $1! "* ]]; then
          options+=("$1")
        else
          [ $# -ge 2 ] || fail "unknown argument '$1', or its value is missing (see --help)"
          case $1 in
            --dir) folder=$2 ;;
            --json) result=$2 ;;
            *)
              [[ $names == *" $1 "* ]] || fail "unknown argument '$1' (see --help)"
              options+=("$1" "$2")
              ;;
          esac
          shift
        fi
        ;;
    esac
    shift
  done
}

# build_java NAME: builds the benchmarks, quietly, and sets JAVA_HOME and class_path. NAME is for what it says.
build_java() {
  # The JDK, and Maven with a bound, as the checks find them.
  checks=$root/checks
  # shellcheck source=checks/lib.sh
  . "$checks/lib.sh"
  JAVA_HOME=$(find_jdk any) || fail "no JDK $java_floor or newer found (JAVA_HOME, PATH, /usr/lib/jvm)"
  export JAVA_HOME
  echo "$1: building"
  maven 15m -q -pl benchmarks -am -Dmaven.test.skip=true -Dchainring.plain=true -Djacoco.skip=true \
    -Dchainring.target=target/benchmark package >"$scratch/build.log" 2>&1 </dev/null || {
    sed -n 's/^.*\[ERROR\] //p' "$scratch/build.log" | head -n 3 >&2
    fail "the build failed"
  }
  local libraries=$root/node/target/benchmark node_jar
  node_jar=$(find "$libraries" -maxdepth 1 -name 'chainring-node-*.jar' ! -name '*-tests.jar' | head -n 1)
  [ -n "$node_jar" ] || fail "the build left no node in $libraries"
  class_path="$root/benchmarks/target/benchmark/classes:$node_jar:$libraries/lib/*"
}

# A node's own memory options, see ./chainring.
java_memory=(-Xms64m -Xmx160m -XX:MaxDirectMemorySize=96m -Xss512k -XX:+UseSerialGC)

# run_java CLASS ARGUMENTS...: runs a benchmark that takes --dir, --commit and --machine, with java_memory; its exit code is
# the script's when it is not 0.
run_java() {
  local class=$1 status=0
  shift
  local java_options=("${java_memory[@]}" --enable-native-access=ALL-UNNAMED --add-opens=java.base/java.nio=ALL-UNNAMED
    --add-opens=java.base/jdk.internal.misc=ALL-UNNAMED)
  [ "$(jdk_feature "$JAVA_HOME")" -lt 24 ] || java_options+=(--sun-misc-unsafe-memory-access=allow)
  mkdir -p "$(dirname "$result")"
  # shellcheck disable=SC2086 # several options
  timeout -k 10 3600 "$JAVA_HOME/bin/java" "${java_options[@]}" ${CHAINRING_JAVA_OPTS:-} \
    -cp "$class_path" "$class" --dir "$scratch" --commit "$(commit)" --machine "$(machine)" "$@" \
    2> >(head -c 16777216 >"$scratch/errors.log") </dev/null || status=$?
  if [ "$status" -ne 0 ]; then
    tail -n 5 "$scratch/errors.log" >&2
    exit "$status"
  fi
}

# java_benchmark NAME CLASS OPTIONS QUICK ARGUMENTS...: a whole script for a benchmark that is a Java program; OPTIONS and
# QUICK as for read_options.
java_benchmark() {
  local name=$1 class=$2
  shift 2
  result=$root/benchmarks/results/$name.json
  read_options "$@"
  make_scratch "$folder"
  build_java "$name"
  run_java "$class" --json "$result" "${options[@]}"
  echo "Figures: $result"
}
