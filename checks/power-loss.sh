#!/usr/bin/env bash
# Power loss, real and whole: a node runs with its data directory and images on ext4, on a block device with a volatile
# cache (nbdkit with checks/power-loss/volatile.py, nbdfuse, a loop device). The power fails at random moments, the device is
# mounted again, the node started again: what clients were told to be flushed is there, and what disk commands answered.
#
#   checks/power-loss.sh [--cuts N] [--seed S] [--fsync on|off]
#       the power fails N times (2); with --fsync off a journal may need `journal repair`: how often is counted
#   checks/power-loss.sh --mutate [--only TEXT] [--done FILE]
#       takes each sync of checks/syncs.txt away, in a copy: its test must fail; --only takes lines with TEXT, --done
#       notes in FILE what was done and leaves it out the next time
#
# The fine layer below one process is in the tests: PowerLossTest, DiskPowerLossTest, FilePowerLossTest.
# Needs root; says what is missing otherwise, and ends well. Exit code 1: something was lost.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

cuts=2
seed=$RANDOM
fsync=on
mutate=no
only=
done_file=
while [ $# -gt 0 ]; do
  case $1 in
    --cuts) cuts=$2; shift 2 ;;
    --seed) seed=$2; shift 2 ;;
    --fsync) fsync=$2; shift 2 ;;
    --mutate) mutate=yes; shift ;;
    --only) only=$2; shift 2 ;;
    --done) done_file=$2; shift 2 ;;
    *) fail "unknown argument $1; see the head of this file" ;;
  esac
done

trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

if [ "$mutate" = yes ]; then
  . "$checks/power-loss/mutate.sh"
  take_away_each_sync
  exit
fi

. "$checks/power-loss/rig.sh"

missing() {
  echo "power-loss: missing: $1; the power does not fail here"
  exit 0
}

[ "$(uname)" = Linux ] || missing Linux
[ "$(id -u)" -eq 0 ] || missing root
for program in nbdkit nbdfuse losetup mkfs.ext4 python3; do
  command -v "$program" >/dev/null || missing "$program"
done
nbdkit --dump-plugin python >/dev/null 2>&1 || missing nbdkit-plugin-python
"$python" -c 'import nbd' 2>/dev/null || missing python3-libnbd
[ -c /dev/fuse ] || missing /dev/fuse
[ -c /dev/loop-control ] || missing /dev/loop-control

lost=0
repaired=0

# With fsync off a journal may say that its end is lost, and start again when it was repaired. The registry's is always synced.
repair_each() {
  local journal status
  grep -E 'journal repair' "$work/node.log" || {
    tail -n 20 "$work/node.log"
    fail "the node does not start"
  }
  if [ "$fsync" = on ] || grep -q "$data/registry.*journal repair" "$work/node.log"; then lost=1; fi
  repaired=$((repaired + 1))
  for journal in "$data"/journals/*; do
    case $journal in *.before-repair-*) continue ;; esac
    status=0
    timeout "$start_limit" "$root/chainring" journal repair "$journal" >>"$work/repair.log" 2>&1 || status=$?
    # 1: something is lost, which it names.
    if [ "$status" -gt 1 ]; then
      tail -n 20 "$work/repair.log"
      fail "$journal cannot be repaired"
    fi
  done
  node_up || fail "the node does not start after its journals were repaired"
}

# A comparison; what is wrong it says itself.
compare() {
  local status=0
  timeout --kill-after=10 "$compare_limit" "$python" "$checks/power-loss/$1" "${@:2}" || status=$?
  if [ "$status" -ne 0 ]; then
    echo "power-loss: $1 $2 ended with $status (124: not within $compare_limit s)"
    lost=1
  fi
}

one_cut() {
  local client commands
  rm -f "$work/blocks.flushed" "$work/commands.answered"
  start "$work/blocks.log" "$work/blocks.err.log" "$python" "$checks/power-loss/blocks.py" work "$uri" "$work/blocks" "$RANDOM"
  client=$started
  start "$work/commands.log" "$work/commands.err.log" "$python" "$checks/power-loss/commands.py" work \
    "$data/control.sock" "$work/commands" "$RANDOM"
  commands=$started
  await "a flush" test -e "$work/blocks.flushed"
  await "an answer to each disk command" test -e "$work/commands.answered"
  sleep "$((RANDOM % 6)).$((RANDOM % 10))"
  power_fails
  node_down
  wait "$client" || true
  wait "$commands" || lost=1
  storage_down
  storage_up "$RANDOM"
  step mount "$device" "$work/mnt"
  compare commands.py files "$work/commands" "$data"
  node_up || repair_each
  compare blocks.py check "$uri" "$work/blocks"
  compare commands.py check "$data/control.sock" "$work/commands"
  cat "$work/blocks.log" "$work/commands.log" "$work"/{blocks,commands}.err.log
  if grep -E 'damaged|missing|lost' "$work/node.log"; then lost=1; fi
}

# Built here, so that no start waits for it.
timeout --kill-after=10 20m "$root/chainring" serve --help >/dev/null || fail "Chainring cannot be built"
clear_left_behind
make_folder
trap 'clear_away "$work"' EXIT
data=$work/mnt/data
uri="nbd+unix:///a?socket=$work/nbd.sock"
RANDOM=$seed
echo "power-loss: $cuts cuts, seed $seed, fsync $fsync"
storage_up "$RANDOM"
step mkfs.ext4 -q "$device"
step mount "$device" "$work/mnt"
mkdir -p "$data/images"
sync -f "$data"
node_up || fail "the node does not start"
for ((cut = 1; cut <= cuts; cut++)); do
  echo "power-loss: cut $cut"
  one_cut
done
node_ends
if [ "$fsync" = off ]; then echo "power-loss: $repaired of $cuts starts needed journal repair"; fi
if [ "$lost" -eq 0 ]; then echo "power-loss: $cuts cuts, nothing lost"; fi
exit "$lost"
