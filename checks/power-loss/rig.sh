# shellcheck shell=bash
# A device with a volatile cache, and a node on it; sourced by ../power-loss.sh. Every process runs for at most life_limit
# seconds, in a process group of its own, and says at most log_lines lines. What it makes is in a folder of its own, which the
# next run finds and cleans up when this one was killed.

# Seconds that a thing may take on a slow machine.
start_limit=600
step_limit=60
compare_limit=600
life_limit=1800
log_lines=20000
folders=chainring-power-loss

python=/usr/bin/python3
work=
device=
node=
storage=
fuse=

# When a process began, in ticks since the machine did: a number of a process is given again.
began() {
  sed -n 's/^.*) //p' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20
}

# Processes whose command line names folder $1: nobody else knows it.
processes_of() {
  local each
  for each in /proc/[0-9]*; do
    if tr '\0' '\n' 2>/dev/null <"$each/cmdline" | grep -qF "$1/"; then echo "${each#/proc/}"; fi
  done
}

unmount() {
  if mountpoint -q "$1"; then timeout "$step_limit" umount "$1" || umount -l "$1" || true; fi
}

# Ends those processes, and waits for a while until they are gone.
kill_all() {
  local each left=100
  for each in $(processes_of "$1"); do kill -9 "$each" 2>/dev/null || true; done
  while [ "$left" -gt 0 ] && [ -n "$(processes_of "$1")" ]; do
    left=$((left - 1))
    sleep 0.1
  done
}

# Ends and removes all that folder $1 stands for; the node first, for it holds the files, the storage last.
clear_away() {
  local folder=$1 each
  kill_all "$folder/mnt"
  unmount "$folder/mnt"
  losetup --noheadings --output NAME,BACK-FILE | awk -v at="$folder/" 'index($2, at) == 1 { print $1 }' |
    while read -r each; do losetup -d "$each" || true; done
  unmount "$folder/fuse"
  kill_all "$folder"
  # A folder that is still mounted must not be emptied.
  if ! mountpoint -q "$folder/mnt"; then rm -rf --one-file-system "$folder"; fi
}

# Of runs that were killed before they could do it themselves.
clear_left_behind() {
  local folder owner
  for folder in "${TMPDIR:-/tmp}/$folders".*; do
    [ -d "$folder" ] || continue
    owner=$(cat "$folder/owner" 2>/dev/null || true)
    # Made just now by a run that has not put its name in.
    if [ -z "$owner" ] && [ -n "$(find "$folder" -maxdepth 0 -mmin -1)" ]; then continue; fi
    if [ -n "$owner" ] && [ "$(began "${owner% *}")" = "${owner#* }" ]; then continue; fi
    echo "power-loss: clears away $folder, which a run that was killed left behind"
    clear_away "$folder"
  done
}

make_folder() {
  work=$(mktemp -d "${TMPDIR:-/tmp}/$folders.XXXXXX")
  echo "$$ $(began $$)" >"$work/owner"
  mkdir "$work/mnt" "$work/fuse"
  truncate -s 1G "$work/storage.img"
}

# Copies what it reads to file $1, up to the limit.
kept() {
  local lines=0 line
  : >"$1"
  while IFS= read -r line; do
    lines=$((lines + 1))
    if [ "$lines" -le "$log_lines" ]; then printf '%s\n' "${line:0:2000}" >>"$1"; fi
  done
}

# Starts a process with a limit; $started is the number of its process group. start OUTPUT ERRORS COMMAND...
start() {
  local output=$1 errors=$2
  shift 2
  timeout --signal=KILL "$life_limit" "$@" > >(kept "$output") 2> >(kept "$errors") &
  started=$!
}

# Ends what start() started, without asking, and waits for it.
end() {
  kill -9 -- "-$1" 2>/dev/null || kill -9 "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}

# Runs a command for at most step_limit seconds, or as many as a start may take.
step() {
  timeout --kill-after=10 "$step_limit" "$@"
}

await() { # await WHAT COMMAND...: until it succeeds
  local what=$1 until=$((SECONDS + start_limit))
  shift
  until "$@" >/dev/null 2>&1; do
    if [ "$SECONDS" -ge "$until" ]; then
      tail -n 30 "$work"/*.log >&2
      fail "waited $start_limit s for $what"
    fi
    sleep 0.1
  done
}

storage_up() { # storage_up SEED
  rm -f "$work/cut" "$work/cut.done" "$work/storage.sock"
  start "$work/nbdkit.log" "$work/nbdkit.err.log" nbdkit -f -U "$work/storage.sock" python \
    "$checks/power-loss/volatile.py" file="$work/storage.img" cut="$work/cut" seed="$1"
  storage=$started
  await "the storage" test -S "$work/storage.sock"
  start "$work/nbdfuse.log" "$work/nbdfuse.err.log" nbdfuse "$work/fuse/disk" --unix "$work/storage.sock"
  fuse=$started
  await "the storage's file" test -s "$work/fuse/disk"
  device=$(step losetup --find --show "$work/fuse/disk")
}

storage_down() {
  unmount "$work/mnt"
  if [ -n "$device" ]; then losetup -d "$device" || true; fi
  device=
  unmount "$work/fuse"
  if [ -n "$fuse" ]; then end "$fuse"; fi
  if [ -n "$storage" ]; then end "$storage"; fi
  fuse=
  storage=
}

power_fails() {
  touch "$work/cut"
  # The plugin looks when it is asked for something.
  step "$python" -c "
import nbd
h = nbd.NBD()
try:
    h.connect_uri('nbd+unix:///?socket=$work/storage.sock')
    h.pread(512, 0)
except nbd.Error:
    pass"
  await "the end of the power" test -e "$work/cut.done"
}

# Starts a node; what it says is in node.out and node.log. Fails when it ends instead.
node_up() {
  rm -f "$work/node.out"
  start "$work/node.out" "$work/node.log" env CHAINRING_JAVA_OPTS=-Xmx256m "$root/chainring" serve \
    --data "$data" --fsync "$fsync" --nbd-socket "$work/nbd.sock" --disk "a=$data/images/a.img,size=64M"
  node=$started
  await "the node" node_decided
  if ! grep -q '^Ready' "$work/node.out"; then
    node_down
    return 1
  fi
}

node_decided() {
  grep -q '^Ready' "$work/node.out" || ! kill -0 "$node"
}

node_down() {
  if [ -n "$node" ]; then end "$node"; fi
  node=
}

# Asks it to end, as an operator does.
node_ends() {
  kill "$node"
  wait "$node" || true
  node=
}
