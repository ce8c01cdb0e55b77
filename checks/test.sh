#!/usr/bin/env bash
# The test command. Installs the outside clients where it may, looks for what may not stand in the
# sources and whether the documentation names what is there, tries the front door, attacks a node and lets
# outside programs use one under kills, lets faults happen while clients work, all in the short form, builds and tests everything, looks for skipped tests, lets the power of a whole node fail, and sums up.
# With CI=true (or --jdks) it also builds and tests on the other Java that the project promises.
# Other arguments go to Maven.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

other_jdks=no
if in_ci; then other_jdks=yes; fi
if [ "${1:-}" = --jdks ]; then
  other_jdks=yes
  shift
fi

JAVA_HOME=$(find_jdk any) || fail "no JDK $java_floor or newer found (JAVA_HOME, PATH, /usr/lib/jvm)"
export JAVA_HOME
feature=$(jdk_feature "$JAVA_HOME")
status=0

"$checks/tools.sh" || status=1
if git rev-parse --git-dir >/dev/null 2>&1; then "$checks/house.sh" || status=1; fi
"$checks/docs.sh" || status=1
"$checks/format.sh" --check || status=1
"$checks/doors.sh" || status=1
"$checks/hostile.sh" || status=1
"$checks/outsiders.sh" || status=1
"$checks/chaos.sh" || status=1

echo "test: Java $feature ($JAVA_HOME)"
find . -path './*/target/surefire-reports' -prune -exec rm -rf {} +
maven_tests "${CHAINRING_TEST_LIMIT:-45m}" "$@" || status=1
"$checks/no-skips.sh" || status=1
"$checks/power-loss.sh" || status=1
if [ "$other_jdks" = yes ]; then
  "$checks/jdks.sh" --except "$feature" || status=1
fi

read -r tests failed skipped < <(tally target)
if [ "$status" -ne 0 ]; then echo "test: something above failed"; fi
left_out=$(not_run target)
echo "$((tests - failed - skipped)) passed, $failed failed, $skipped skipped${left_out:+; not run: $left_out}"
if [ "$tests" -eq 0 ]; then fail "no test ran"; fi
exit "$status"
