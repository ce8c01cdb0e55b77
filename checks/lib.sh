# shellcheck shell=bash
# Common to the scripts beside it; sourced, not run. Leaves the caller in the project's folder.

checks=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(dirname "$checks")
cd "$root" || exit 2

java_floor=17
# The Java versions that the project promises to build and pass on.
# shellcheck disable=SC2034 # used by those that source this file
java_promised="17 25"

fail() {
  printf '%s: %s\n' "$(basename "$0")" "$1" >&2
  exit 2
}

in_ci() {
  [ "${CI:-}" = true ]
}

# Feature version (17, 25, ...) of the JDK in folder $1; fails when there is none.
jdk_feature() {
  [ -x "$1/bin/javac" ] || return 1
  "$1/bin/javac" -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p'
}

# Folders in which a JDK may live, best first.
jdk_places() {
  local place
  if [ -n "${JAVA_HOME:-}" ]; then printf '%s\n' "$JAVA_HOME"; fi
  if place=$(command -v javac); then dirname "$(dirname "$(readlink -f "$place")")"; fi
  for place in /usr/lib/jvm/*; do
    if [ -d "$place" ] && [ ! -L "$place" ]; then printf '%s\n' "$place"; fi
  done
}

# Prints the folder of a JDK of feature version $1; with "any", of the first that is new enough.
find_jdk() {
  local place feature
  while read -r place; do
    feature=$(jdk_feature "$place") || continue
    if [ "$1" = any ]; then
      [ "$feature" -ge "$java_floor" ] || continue
    else
      [ "$feature" -eq "$1" ] || continue
    fi
    printf '%s\n' "$place"
    return 0
  done < <(jdk_places)
  return 1
}

# Runs Maven without dialogue, for at most $1 (as timeout takes it), with the other arguments.
# In the foreground: who ends the script with its process group ends Maven and the tests too.
maven() {
  local limit=$1
  shift
  command -v mvn >/dev/null || fail "Maven (mvn) is not on PATH (Debian: apt install maven)"
  local status=0
  timeout --foreground --kill-after=30s "$limit" \
    mvn -B -ntp -Dstyle.color=never -Dmaven.wagon.http.retryHandler.count=3 "$@" || status=$?
  if [ "$status" -eq 124 ]; then echo "$(basename "$0"): Maven did not end within $limit"; fi
  return "$status"
}

# Builds and tests as maven() does. A test that fails, or a test JVM that dies, fails the whole at its end,
# but keeps nobody from building and testing the modules that stand on that one. Format is checks/format.sh's.
maven_tests() {
  local status=0 output
  output=$(mktemp)
  maven "$@" --fail-at-end -Dmaven.test.failure.ignore=true -Dspotless.check.skip=true verify 2>&1 | tee "$output" || status=$?
  # What Surefire says after failures of every kind.
  if grep -q 'for the individual test results' "$output"; then status=1; fi
  rm -f "$output"
  return "$status"
}

# Prints, on one line, the modules with tests of which no report stands in the build folder named $1.
not_run() {
  local module missing=()
  while IFS= read -r module; do
    if ! compgen -G "$module/$1/surefire-reports/TEST-*.xml" >/dev/null; then missing+=("$module"); fi
  done < <(sed -n 's:^ *<module>\(.*\)</module>.*:\1:p' pom.xml | while IFS= read -r module; do
    if [ -d "$module/src/test/java" ]; then printf '%s\n' "$module"; fi
  done)
  printf '%s\n' "${missing[*]:-}"
}

# Prints "TESTS FAILED SKIPPED" over the surefire reports in the build folders named $1.
tally() {
  find . -path "./*/$1/surefire-reports/TEST-*.xml" -exec grep -h -m 1 '<testsuite ' {} + |
    awk '
      function attribute(name,   at) {
        at = match($0, " " name "=\"[0-9]+\"")
        return at ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4) : 0
      }
      { tests += attribute("tests"); skipped += attribute("skipped")
        failed += attribute("failures") + attribute("errors") }
      END { printf "%d %d %d\n", tests, failed, skipped }'
}
