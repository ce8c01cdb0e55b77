#!/usr/bin/env bash
# Builds and tests on each Java that the project promises (17 and 25), without the tests that need
# outside clients or much time: those are the same on each. Every Java builds in a folder of its own.
#   --except N   leave out Java N (it had the whole test run already)
# Other arguments go to Maven.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

except=
if [ "${1:-}" = --except ]; then
  except=${2:?"--except takes a Java version"}
  shift 2
fi

status=0
for feature in $java_promised; do
  if [ "$feature" = "$except" ]; then continue; fi
  if ! home=$(find_jdk "$feature"); then
    echo "jdks: no JDK $feature on this machine: not exercised"
    continue
  fi
  echo "jdks: Java $feature ($home)"
  target=target/jdk$feature
  find . -path "./*/$target/surefire-reports" -prune -exec rm -rf {} +
  JAVA_HOME=$home maven_tests "${CHAINRING_JDKS_LIMIT:-30m}" "-Dchainring.target=$target" \
    -DexcludedGroups=clients,slow -Djacoco.skip=true "$@" || status=1
  "$checks/no-skips.sh" "$target" || status=1
  read -r tests failed skipped < <(tally "$target")
  left_out=$(not_run "$target")
  echo "jdks: Java $feature: $((tests - failed - skipped)) passed, $failed failed, $skipped skipped${left_out:+; not run: $left_out}"
done
exit "$status"
