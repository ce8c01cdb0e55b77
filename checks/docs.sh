#!/usr/bin/env bash
# Verifies that what the documentation names exists. Looked at is what stands in backquotes outside of code blocks:
#   `SomeType`, `SomeType.member`   a type of ours (or one that our sources import), and a name in its file
#   `chainring.some.setting`        a setting or section of a reference.conf
#   `some-setting`                  the last part of one, a folder, an artifact, or an option of a script or command
#   `some/path`                     a file or folder
#   `io.chainring.some.pkg`         a package
# and the targets of links to files.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

pages() {
  find README.md CONTRIBUTING.md docs benchmarks -name '*.md' -not -path '*/target/*' | sort
}

sources() {
  find . -name target -prune -o -path './*/src/*' -name "$1" -print
}

# Types that our sources declare, as "NAME FILE".
sources '*.java' | xargs grep -HoE '\b(class|interface|enum|record) +[A-Z][A-Za-z0-9]+' |
  sed -E 's/^([^:]+):[a-z]+ +(.*)$/\2 \1/' | sort -u >"$scratch/types"
# Types that they import, and those that need no import.
{
  sources '*.java' | xargs grep -hoE '^import (static )?[A-Za-z0-9_.]+;' |
    sed -E 's/;$//' | tr '.' '\n' | grep -E '^[A-Z]' || true
  printf '%s\n' String Object Thread Runnable Iterable Integer Long Exception RuntimeException Error \
    Override Deprecated IllegalArgumentException IllegalStateException AssertionError OutOfMemoryError
} | sort -u >"$scratch/foreign"

# Settings and sections of every reference.conf, one full name a line.
sources 'reference.conf' | while read -r file; do
  awk '
    function path(   i, p) { p = ""; for (i = 1; i <= depth; i++) p = p stack[i] "."; return p }
    { sub(/(^|[ \t])#.*/, ""); sub(/^[ \t]+/, "") }
    /^"?[A-Za-z0-9_.-]+"?[ \t]*\{/ {
      name = $0; sub(/[ \t]*\{.*/, "", name); gsub(/"/, "", name); print path() name
      if ($0 !~ /\}[ \t]*$/) stack[++depth] = name
      next
    }
    /^"?[A-Za-z0-9_.-]+"?[ \t]*[=:]/ { name = $0; sub(/[ \t]*[=:].*/, "", name); gsub(/"/, "", name); print path() name; next }
    /^\}/ { depth-- }' "$file"
done | sort -u >"$scratch/settings"
sed 's/.*\.//' "$scratch/settings" | sort -u >"$scratch/leaves"

# What the pages name, as "FILE:LINE TOKEN".
pages | while read -r page; do
  awk -v page="$page" '
    /^ *```/ { code = !code; next }
    code { next }
    {
      line = $0
      while (match(line, /`[^`]+`/)) {
        print page ":" NR " " substr(line, RSTART + 1, RLENGTH - 2)
        line = substr(line, RSTART + RLENGTH)
      }
      line = $0
      while (match(line, /\]\([^)]+\)/)) {
        print page ":" NR " ](" substr(line, RSTART + 2, RLENGTH - 3)
        line = substr(line, RSTART + RLENGTH)
      }
    }' "$page"
done >"$scratch/names"

missing=0
looked=0
complain() {
  echo "docs: $1: $2"
  missing=$((missing + 1))
}

check_type() {
  local place=$1 type=${2%%.*} member=
  if [ "$type" != "$2" ]; then member=${2#*.}; fi
  local files
  files=$(awk -v type="$type" '$1 == type { print $2 }' "$scratch/types")
  if [ -z "$files" ]; then
    grep -qx "$type" "$scratch/foreign" || complain "$place" "no type $type"
  elif [ -n "$member" ]; then
    # shellcheck disable=SC2086 # one file or several
    grep -qwF -- "${member%%[(.]*}" $files || complain "$place" "$type has no ${member%%[(.]*}"
  fi
}

while read -r place token; do
  looked=$((looked + 1))
  case $token in
    "](http"* | "](mailto"* | "](#"*) ;;
    "]("*)
      target=${token#](}
      [ -e "$(dirname "${place%:*}")/${target%%#*}" ] || complain "$place" "link to ${target%%#*}, which is not there"
      ;;
    *' = '*)
      name=${token%% = *}
      case $name in
        pekko.*) ;;
        *[!a-z0-9.-]*) ;;
        *) grep -qxF -- "${name##*.}" "$scratch/leaves" || complain "$place" "no setting $name" ;;
      esac
      ;;
    *[[:space:]]*) ;;
    *.md | *.sh | *.xml | [A-Z]*.conf) [ -e "$token" ] || complain "$place" "no file $token" ;;
    chainring.*[a-z]) grep -qxF -- "$token" "$scratch/settings" || complain "$place" "no setting $token" ;;
    io.chainring.*[a-z])
      [ -n "$(find . -path "*/src/main/java/${token//.//}" -type d -print -quit)" ] ||
        complain "$place" "no package $token"
      ;;
    [A-Z]*[a-z]*)
      if [[ $token =~ ^[A-Z][A-Za-z0-9]+(\.[A-Za-z][A-Za-z0-9_.]*(\(.*\))?)?$ ]]; then check_type "$place" "$token"; fi
      ;;
    -* | /* | *'<'* | *'$'* | *':'* | *'='* | *'*'*) ;;
    */*)
      [ -e "$token" ] || [ -e "$(dirname "${place%:*}")/$token" ] || complain "$place" "no file $token"
      ;;
    [a-z]*-[a-z]*)
      if [[ $token =~ ^[a-z0-9-]+$ ]] && ! grep -qxF -- "$token" "$scratch/leaves" && [ ! -e "$token" ] &&
        ! grep -qF -- "<artifactId>$token</artifactId>" pom.xml ./*/pom.xml &&
        ! grep -qF -- "--$token" chainring checks/*.sh benchmarks/*.sh; then
        complain "$place" "nothing is called $token"
      fi
      ;;
  esac
done <"$scratch/names"

if [ "$missing" -gt 0 ]; then exit 1; fi
echo "docs: $looked names, all there"
