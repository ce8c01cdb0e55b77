#!/usr/bin/env bash
# Looks through the reports of the last test run for tests that were skipped, and lists them.
# A test may be skipped only where the machine lacks something, and must then say so in the words
# "missing: <what>"; any other skip fails. With CI=true every skip fails.
# Argument: the build folder's name inside the modules (default: target).
set -euo pipefail
. "$(dirname "$0")/lib.sh"

target=${1:-target}
# One line a skipped test: class, test, reason.
skipped=$(find . -path "./*/$target/surefire-reports/TEST-*.xml" -exec awk '
  /<testcase / {
    name = $0; sub(/.* name="/, "", name); sub(/".*/, "", name)
    class = $0; sub(/.* classname="/, "", class); sub(/".*/, "", class)
  }
  /<skipped/ {
    reason = "no reason given"
    if (match($0, /message="[^"]*"/)) reason = substr($0, RSTART + 9, RLENGTH - 10)
    else if (match($0, /CDATA\[[^:]*: /)) reason = substr($0, RSTART + RLENGTH)
    print class " " name ": " reason
  }' {} +)

if [ -z "$skipped" ]; then
  echo "no-skips: no test was skipped"
  exit 0
fi
printf 'no-skips: skipped:\n%s\n' "$skipped"
if in_ci; then
  echo "no-skips: with CI=true nothing may be skipped"
  exit 1
fi
if printf '%s\n' "$skipped" | grep -qv 'missing: '; then
  echo "no-skips: a test may be skipped only with the reason 'missing: <what the machine lacks>'"
  exit 1
fi
