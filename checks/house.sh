#!/usr/bin/env bash
# House rules that no compiler knows: what may not stand in the sources, and how long a file may be.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

lines_limit=400
found=0

# forbid REASON PATTERN FILES...: no tracked file that matches FILES has a line with PATTERN.
forbid() {
  local reason=$1 pattern=$2 hits
  shift 2
  if hits=$(git grep -nIE -e "$pattern" -- "$@" ':!checks/house.sh'); then
    printf 'house: %s:\n%s\n' "$reason" "$hits"
    found=1
  fi
}

git rev-parse --git-dir >/dev/null 2>&1 || fail "this is no git work tree; there is nothing to list"

forbid "unfinished work; finish it or open an issue" '\b(TODO|FIXME|XXX)\b' '*.java' '*.sh' '*.conf'
forbid "a method that is not there" 'new UnsupportedOperationException\("' '*.java'
forbid "a test that is switched off" '@Disabled|@Ignore' '*/src/test/*.java'
forbid "a test that waits by the clock" 'Thread\.sleep\(|TimeUnit\.[A-Z]+\.sleep\(' \
  '*/src/test/*.java' ':!*/benchmark/*'
forbid "an exception swallowed" 'catch \([A-Za-z| ]+ (ignored?|expected)?\) *\{ *\}' '*.java'
forbid "a path of one machine" '["'"'"'(= ](/home/|/root/|/Users/)' '*.java' '*.conf' '*.xml' '*.sh'
# A module's pom names one version, its parent's; the BOM is a list of versions by its nature.
while read -r pom; do
  if [ "$(grep -c '<version>' "$pom")" -gt 1 ]; then
    echo "house: $pom names a version; versions stand in the parent pom"
    found=1
  fi
done < <(git ls-files '*/pom.xml' ':!bom/pom.xml')

# Said, not failed: where to cut a long file is for its author to find.
while read -r file; do
  lines=$(wc -l <"$file")
  if [ "$lines" -gt "$lines_limit" ]; then
    echo "house: $file has $lines lines; more than $lines_limit are too many to hold in mind"
  fi
done < <(git ls-files '*.java')

if [ "$found" -eq 0 ]; then echo "house: in order"; fi
exit "$found"
