# shellcheck shell=bash
# Takes away each sync that checks/syncs.txt names, in a copy of the project; sourced by ../power-loss.sh.

mutation_limit=20m
mutation_cuts=300
mutation_log_bytes=20000000

. "$checks/common/replace.sh"

take_away_each_sync() {
  local copy line caller callee text instead module test status source survived=0
  copy=$(mktemp -d)
  # shellcheck disable=SC2064 # this folder
  trap "rm -rf '$copy'" EXIT
  # With what is compiled, and with times: then one source is compiled for each sync, and not the project.
  git ls-files -z | xargs -0 cp --parents --preserve=timestamps -t "$copy"
  find . -path './*/target/*' -prune \( -name classes -o -name test-classes \) -path './*/target/*' -print0 |
    xargs -0 -r cp -r --parents --preserve=timestamps -t "$copy"
  if [ -n "$done_file" ]; then touch "$done_file"; fi
  while IFS= read -r line; do
    IFS=$'\t' read -r caller callee text instead module test < <(printf '%s\n' "${line// | /$'\t'}" | sed 's/\t\t/\t \t/')
    case $test in unsynced | open) continue ;; esac
    if [ -n "$done_file" ] && grep -qxF "$line" "$done_file"; then continue; fi
    source="$module/src/main/java/$(printf '%s' "${caller%.*}" | tr . /).java"
    cp "$source" "$copy/$source"
    replace_text "$copy/$source" "$text" "${instead# }"
    status=0
    (cd "$copy" && maven "$mutation_limit" -q -pl "$module" -am test -Djacoco.skip=true -Dspotless.check.skip=true \
      -Dmaven.compiler.useIncrementalCompilation=false \
      -Dtest="$test" -Dsurefire.skipAfterFailureCount=1 -Dchainring.power.cuts="$mutation_cuts" \
      -Dsurefire.failIfNoSpecifiedTests=false) 2>&1 | head -c "$mutation_log_bytes" >"$copy/output.txt" || status=$?
    cp "$source" "$copy/$source"
    if grep -q 'COMPILATION ERROR' "$copy/output.txt"; then
      tail -n 20 "$copy/output.txt"
      fail "without $callee $caller does not compile"
    elif [ "$status" -eq 0 ]; then
      echo "power-loss: $test passes although $caller calls no $callee any more"
      survived=1
    elif ! grep -qE "ERROR.*$(printf '%s' "${test%%,*}" | sed 's/[.#].*//')" "$copy/output.txt"; then
      # Something else failed, which proves nothing.
      tail -n 20 "$copy/output.txt"
      fail "$test did not run without $callee in $caller"
    else
      echo "power-loss: $test fails without $callee in $caller"
      if [ -n "$done_file" ]; then printf '%s\n' "$line" >>"$done_file"; fi
    fi
  done < <(grep -v '^#' "$checks/syncs.txt" | grep -F -- "$only")
  return "$survived"
}
