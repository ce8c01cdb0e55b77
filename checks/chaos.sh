#!/usr/bin/env bash
# Lets faults happen to nodes while clients work, and judges what the clients heard.
#   checks/chaos.sh [--minutes N] [--seed N]
# Without --minutes: the short form of the test command, which ends by counts. With it: that long, all faults, and a line of sums.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

minutes=0
seed=$(date +%s)
while [ $# -gt 0 ]; do
  case $1 in
    --minutes) minutes=${2:?}; shift 2 ;;
    --seed) seed=${2:?}; shift 2 ;;
    *) fail "unknown argument '$1'; see the head of this file" ;;
  esac
done

round_minutes=5
# What the clients must not notice as an error.
unnoticed=backend-kill,host-kill,process-stop,process-kill,connection-cut,half-open,slow-reader
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
status=0

run() {
  local limit=$1
  shift
  echo "chaos: ./chainring chaos $*"
  if ! timeout --foreground --kill-after=30s "$limit" ./chainring chaos --history "$scratch" "$@" >"$scratch/said" 2>&1; then
    status=1
    tail -n 100 "$scratch/said"
    cp "$scratch/history.jsonl" "chaos/target/chaos-$seed.jsonl" 2>/dev/null &&
      echo "chaos: its history is chaos/target/chaos-$seed.jsonl"
  else
    tail -n 1 "$scratch/said" | cut -c 1-200
  fi
}

timeout --foreground --kill-after=10s 10m ./chainring --version >/dev/null
mkdir -p chaos/target
if [ "$minutes" -gt 0 ]; then
  # In rounds, since a history is judged as a whole.
  while [ "$minutes" -gt 0 ] && [ "$status" -eq 0 ]; do
    part=$((minutes < round_minutes ? minutes : round_minutes))
    run "$((part + 20))m" --seed "$seed" --duration "${part}m" --faults all --every 50ms --json
    cat "$scratch/said" >>"$scratch/rounds"
    minutes=$((minutes - part))
    seed=$((seed + 1))
  done
  python3 - "$scratch/rounds" <<'SUM'
import json, sys
rounds = [json.loads(line) for line in open(sys.argv[1]) if line.startswith("{")]
kills = sum(count for each in rounds for name, count in each["faultsByKind"].items() if "-kill" in name)
print("chaos: seeds %d to %d, %.2f hours, %d operations, %d faults, of them %d kills, %d violations: %s" % (
    rounds[0]["seed"], rounds[-1]["seed"], sum(each["seconds"] for each in rounds) / 3600,
    sum(each["operations"] for each in rounds), sum(each["faults"] for each in rounds), kills,
    sum(each["violations"] for each in rounds), "good" if all(each["good"] for each in rounds) else "BAD"))
SUM
else
  run 10m --seed "$seed" --operations 10000 --faults "$unnoticed" --answer-limit 2m
  # Somebody else's server, without faults of ours: nothing of it is an alarm.
  if command -v nbdkit >/dev/null; then
    timeout --foreground --kill-after=10s 10m nbdkit -f -U "$scratch/nbd.sock" memory 16M >"$scratch/nbdkit" 2>&1 &
    server=$!
    until [ -S "$scratch/nbd.sock" ] || ! kill -0 "$server" 2>/dev/null; do sleep 0.1; done
    run 10m --seed "$seed" --operations 5000 --against "nbd+unix:///?socket=$scratch/nbd.sock" --overwrite
    kill "$server"
    wait "$server" || true
  fi
fi
exit "$status"
