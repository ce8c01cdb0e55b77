#!/usr/bin/env bash
# Runs programs that nobody here wrote against a node whose backends and hosts are killed meanwhile: --help says how.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

command -v python3 >/dev/null || fail "missing: python3 (Debian: apt install python3)"
# A guard against what hangs.
limit=20m
for argument in "$@"; do
  if [ "$argument" = --long ]; then limit=6h; fi
done
# What they need, and the build, are not part of the run.
case " $* " in
  *" --help "* | *" -h "*) ;;
  *)
    "$checks/tools.sh" >&2
    timeout --foreground --kill-after=10s 10m ./chainring --version >/dev/null
    ;;
esac
PYTHONPATH="$checks/common" PYTHONDONTWRITEBYTECODE=1 exec timeout --foreground --kill-after=30s "$limit" \
  python3 "$checks/outsiders/run.py" "$@"
