#!/usr/bin/env bash
# Attacks a node, started the way people start one, and looks whom it hurts: --help says how.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

command -v python3 >/dev/null || fail "missing: python3 (Debian: apt install python3)"
# A guard against what hangs.
limit=30m
for argument in "$@"; do
  if [ "$argument" = --long ]; then limit=6h; fi
done
# The build, where one is needed, is not part of the attack.
case " $* " in
  *" --help "* | *" -h "*) ;;
  *) timeout --foreground --kill-after=10s 10m ./chainring --version >/dev/null ;;
esac
PYTHONPATH="$checks/common" PYTHONDONTWRITEBYTECODE=1 exec timeout --foreground --kill-after=30s "$limit" \
  python3 "$checks/hostile/run.py" "$@"
