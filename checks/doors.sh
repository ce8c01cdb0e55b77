#!/usr/bin/env bash
# Tries the front door ./chainring the way people meet it: in several shells, through a link, from
# another folder, without Java, without Maven. Builds it when that has not been done.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

passed=0
failed=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# expect NAME EXIT-CODE PATTERN COMMAND...: one line of output that matches, and that exit code.
expect() {
  local name=$1 code=$2 pattern=$3 got=0
  shift 3
  timeout --foreground --kill-after=10s 5m "$@" >"$scratch/output" 2>&1 </dev/null || got=$?
  if [ "$got" -eq "$code" ] && [ "$(wc -l <"$scratch/output")" -eq 1 ] &&
    grep -Eq -- "$pattern" "$scratch/output"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'doors: %s: exit code %s (expected %s), expected one line with "%s", got:\n' \
      "$name" "$got" "$code" "$pattern"
    sed 's/^/  /' "$scratch/output"
  fi
}

# A folder with the few programs that the door needs besides Java and Maven.
mkdir "$scratch/bin"
for program in cat date find flock grep head mkdir mv readlink rm sed; do
  ln -s "$(command -v "$program")" "$scratch/bin/$program"
done
mkdir "$scratch/jvm"
version='^chainring [0-9]+\.[0-9]+\.[0-9]+.* \(Java .*\)$'

timeout --foreground --kill-after=10s 10m ./chainring --version >"$scratch/first" 2>&1 ||
  { cat "$scratch/first"; echo "doors: 0 passed, 1 failed"; exit 1; }

expect "built before" 0 "$version" ./chainring --version
for shell in dash "busybox sh" bash; do
  if command -v "${shell%% *}" >/dev/null; then
    # shellcheck disable=SC2086 # a command with an argument
    expect "in $shell" 0 "$version" $shell ./chainring --version
  fi
done
ln -s "$root/chainring" "$scratch/chainring"
expect "through a link, from elsewhere" 0 "$version" env -C "$scratch" ./chainring --version
expect "a JAVA_HOME that is none" 0 "$version" env JAVA_HOME=/nonexistent ./chainring --version
expect "no Java" 2 '^chainring: no Java 17 or newer found' \
  env -i PATH="$scratch/bin" CHAINRING_JVM_FOLDER="$scratch/jvm" /bin/sh ./chainring --version
mkdir -p "$scratch/jvm/old/bin"
printf '#!/bin/sh\necho "openjdk version \\"11.0.2\\""\n' >"$scratch/jvm/old/bin/java"
chmod +x "$scratch/jvm/old/bin/java"
expect "only an old Java" 2 '^chainring: no Java 17 or newer found' \
  env -i PATH="$scratch/bin" CHAINRING_JVM_FOLDER="$scratch/jvm" /bin/sh ./chainring --version
expect "wrong option" 2 '^chainring: .*--no-such-option' ./chainring --no-such-option

expect "told to a full disk" 1 '^chainring: standard output could not be written' sh -c './chainring --help >/dev/full'
expect "told to who reads no further" 0 '^Usage: chainring' bash -o pipefail -c './chainring --help | head -n 1'

# Colours and other escapes go to terminals that know them, and to nothing else.
escapes() {
  TERM=$1 timeout 60s script -qec "./chainring --help" /dev/null </dev/null | grep -c "$(printf '\033')\[" || true
}
if command -v script >/dev/null; then
  expect "colours on a terminal" 0 '^[1-9]' echo "$(escapes xterm)"
  expect "none on a dumb one" 0 '^0$' echo "$(escapes dumb)"
fi

# Without a locale, as cron and systemd start it: the path arrives as it was given.
expect "letters beyond ASCII without a locale" 2 "^chainring: no node answers on data directory $scratch/dätä;" \
  env -i PATH="$PATH" HOME="$HOME" ./chainring status --data "$scratch/dätä"

# A tree that was never built.
mkdir -p "$scratch/tree/node"
cp chainring pom.xml "$scratch/tree"
expect "not built and no Maven" 2 '^chainring: it must be built first, and Maven' \
  env -i PATH="$scratch/bin" JAVA_HOME="$(find_jdk any)" /bin/sh "$scratch/tree/chainring" --version
printf '#!/bin/sh\necho "[ERROR] a reason"\nexit 1\n' >"$scratch/bin/mvn"
chmod +x "$scratch/bin/mvn"
timeout 60s env -i PATH="$scratch/bin" JAVA_HOME="$(find_jdk any)" \
  /bin/sh "$scratch/tree/chainring" --version >/dev/null 2>"$scratch/errors" || true
expect "build fails" 0 '^chainring: the build failed: a reason .*build\.log' \
  sed -n 2p "$scratch/errors"

# A build that is older than its sources, which cannot be built.
mkdir -p "$scratch/tree/node/target"
cp -r node/target/app "$scratch/tree/node/target"
rm -f "$scratch/tree/node/target/app/lock"
touch "$scratch/tree/pom.xml"
expect "stale, and asks a node" 2 '^chainring: no node answers' \
  env -i PATH="$scratch/bin" JAVA_HOME="$(find_jdk any)" /bin/sh "$scratch/tree/chainring" status --data "$scratch/none"

echo "doors: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
