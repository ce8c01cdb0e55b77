#!/usr/bin/env bash
# Formats the Java sources; with --check it only says which are not formatted, and fails.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

case "${1:-}" in
  "") goal=apply ;;
  --check) goal=check ;;
  *) fail "unknown argument '$1' (there is only --check)" ;;
esac
JAVA_HOME=$(find_jdk any) || fail "no JDK $java_floor or newer found (JAVA_HOME, PATH, /usr/lib/jvm)"
export JAVA_HOME
# The BOM has no sources, and knows no plugin.
maven 10m -q -pl "!bom" "spotless:$goal"
