#!/usr/bin/env bash
# Plants each bug of checks/mutations.txt in a copy of its sources, and wants the simulation to find it (docs/simulation.md).
#   checks/mutations.sh [--only TEXT] [--seeds N]      bugs whose name has TEXT; at most N seeds for each (10000)
# Exit code 1: a bug survived.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$checks/common/replace.sh"
. "$checks/simulation/build.sh"

only=
seeds=10000
hang_limit=300
while [ $# -gt 0 ]; do
  case $1 in
    --only) only=$2; shift 2 ;;
    --seeds) seeds=$2; shift 2 ;;
    *) fail "unknown argument $1; see the head of this file" ;;
  esac
done

build_simulation
planted=$(mktemp -d)
trap 'rm -rf "$planted"' EXIT
classes=$(simulation_classes)
libraries=$(simulation_libraries)
survived=0
found=0

# Compiles what is planted under the name $1, and looks for the first seed that breaks a promise.
try_out() {
  local name=$1 answer status=0
  mkdir -p "$planted/classes"
  find "$planted/sources" -name '*.java' -print0 |
    xargs -0 "$JAVA_HOME/bin/javac" -nowarn -proc:none --release "$java_floor" -d "$planted/classes" -cp "$classes:$libraries" \
      >"$planted/javac.txt" 2>&1 || {
    head -n 20 "$planted/javac.txt"
    fail "with '$name' it does not compile"
  }
  answer=$(simulate_within "$hang_limit" "$planted/classes:$classes:$libraries" --seeds "1..$seeds" --brief 2>&1) || status=$?
  answer=$(printf '%s' "$answer" | head -n 1 | cut -c1-150)
  case $status in
    0)
      echo "mutations: '$name' survives $seeds seeds"
      survived=1
      ;;
    1)
      echo "mutations: '$name' found by seed $answer"
      found=$((found + 1))
      ;;
    *) fail "'$name' ended with $status (124: no answer within $hang_limit s): $answer" ;;
  esac
  rm -rf "$planted/sources" "$planted/classes"
}

present=
while IFS= read -r line; do
  IFS=$'\t' read -r name type text instead module < <(printf '%s\n' "${line// | /$'\t'}" | sed 's/\t\t/\t \t/; s/\\|/|/g')
  if [ -n "$present" ] && [ "$name" != "$present" ]; then try_out "$present"; fi
  present=$name
  source="$module/src/main/java/$(printf '%s' "$type" | tr . /).java"
  copy="$planted/sources/$source"
  mkdir -p "$(dirname "$copy")"
  [ -e "$copy" ] || cp "$source" "$copy"
  replace_text "$copy" "$text" "${instead# }" || fail "'$name': the text does not stand in $source"
done < <(grep -v '^#' "$checks/mutations.txt" | grep -F -- "$only")
if [ -n "$present" ]; then try_out "$present"; fi
[ -n "$present" ] || fail "no bug has '$only' in its line"
echo "mutations: $found found"
exit "$survived"
