#!/usr/bin/env bash
# Chainring against nbdkit's file plugin: fio's nbd engine over a unix socket, 4 KiB random reads and writes, equal
# files on one file system, both in the page cache, one server after the other in every round (A B A B ...).
#
#   --rounds N      rounds (5)                    --seconds N     measured seconds of a cell (5)
#   --depths LIST   queue depths ("1 16 64")      --size N        MiB of each image (512)
#   --fsync on      our journal on stable storage before it acknowledges (off, as the node's default)
#   --spin          our event loop looks for work for 40 us before it sleeps (off, as the node's default)
#   --dir DIR       where images, sockets and journal are while it runs (TMPDIR, else /tmp)
#   --against DIR   another checkout of Chainring, built or not, as a third server in each round: new against old
#   --json FILE     result file (benchmarks/results/nbd.json)
#   --check         exit code 1 when a ratio is below its floor: 0.5 at depth 1, 0.8 at the others
#   --quick         does everything, measures nothing worth reading: one round of 1 s, 64 MiB, no warm-up
#
# CHAINRING_JAVA_OPTS goes to our JVM. Exit code 2: something it needs is missing; one line says what.
set -euo pipefail
# shellcheck source=benchmarks/lib.sh
. "$(dirname "$0")/lib.sh"

rounds=5
seconds=5
warm_seconds=3
depths="1 16 64"
size_mib=512
fsync=off
spin=off
check=no
against=
folder=${TMPDIR:-/tmp}
result=$root/benchmarks/results/nbd.json
seed=20190129

while [ $# -gt 0 ]; do
  case $1 in
    --spin) spin=fixed ;;
    --check) check=yes ;;
    --quick) rounds=1 seconds=1 warm_seconds=0 size_mib=64 ;;
    -h | --help)
      sed -n '2,/^set /s/^#\( \|$\)//p' "$0"
      exit 0
      ;;
    *)
      [ $# -ge 2 ] || fail "unknown argument '$1', or its value is missing (see --help)"
      case $1 in
        --rounds) is_number "$1" "$2" && rounds=$2 ;;
        --seconds) is_number "$1" "$2" && seconds=$2 ;;
        --size) is_number "$1" "$2" && size_mib=$2 ;;
        --depths) depths=$2 ;;
        --fsync) fsync=$2 ;;
        --dir) folder=$2 ;;
        --against) against=$(cd "$2" && pwd -P) || fail "--against: there is no folder $2" ;;
        --json) result=$2 ;;
        *) fail "unknown argument '$1' (see --help)" ;;
      esac
      shift
      ;;
  esac
  shift
done
for depth in $depths; do is_number --depths "$depth"; done
case $fsync in on | off) ;; *) fail "--fsync takes on or off, not '$fsync'" ;; esac

need fio fio
need nbdkit nbdkit
need nbdinfo libnbd-bin
fio --enghelp 2>/dev/null | grep -qw nbd || fail "this fio was built without its nbd engine"
free_mib=$(($(sed -n 's/^MemAvailable: *\([0-9]*\).*/\1/p' /proc/meminfo) / 1024))
images=$((${against:+1} + 2))
[ "$free_mib" -gt $((images * size_mib + 1024)) ] ||
  fail "$free_mib MiB of memory are free; $images images of $size_mib MiB in the page cache need 1 GiB more than that (--size)"
if [ -n "$against" ]; then
  [ -x "$against/chainring" ] || fail "--against: $against is no checkout of Chainring"
fi

make_scratch "$folder"
echo "nbd: building, if needed"
version=$(timeout -k 10 900 "$root/chainring" --version) || fail "./chainring cannot be run"
servers="ours nbdkit"
if [ -n "$against" ]; then
  timeout -k 10 900 "$against/chainring" --version >/dev/null || fail "$against/chainring cannot be run"
  servers="ours other nbdkit"
fi

# Equal images with random content: written blocks on both sides, no holes.
head -c "${size_mib}M" /dev/urandom >"$scratch/ours.img"
cp --reflink=never "$scratch/ours.img" "$scratch/nbdkit.img"
[ -z "$against" ] || cp --reflink=never "$scratch/ours.img" "$scratch/other.img"
sync -f "$scratch"

# serve_checkout NAME FOLDER: the node of a checkout on socket, image and data directory of that name.
serve_checkout() {
  cat >"$scratch/$1.conf" <<CONF
chainring.node.nbd.listen = []
chainring.node.nbd.sockets = ["$scratch/$1.sock"]
chainring.node.spin = $spin
chainring.persistence.leveldb.fsync = $fsync
CONF
  background "$scratch/$1.log" "$2/chainring" serve --config "$scratch/$1.conf" \
    --data "$scratch/data-$1" --disk "bench=$scratch/$1.img"
}
ours_uri="nbd+unix:///bench?socket=$scratch/ours.sock"
other_uri="nbd+unix:///bench?socket=$scratch/other.sock"
nbdkit_uri="nbd+unix:///?socket=$scratch/nbdkit.sock"

# serving NAME URI ID: waits until it answers.
serving() {
  local deadline=$((SECONDS + 60))
  until timeout -k 2 5 nbdinfo --size "$2" >/dev/null 2>&1; do
    if ! kill -0 "$3" 2>/dev/null || [ "$SECONDS" -ge "$deadline" ]; then
      tail -n 3 "$scratch/$1.log" >&2
      fail "$1 does not serve"
    fi
    sleep 0.1
  done
}

background "$scratch/nbdkit.log" \
  nbdkit --foreground --unix "$scratch/nbdkit.sock" file "$scratch/nbdkit.img"
serving nbdkit "$nbdkit_uri" "$!"
serve_checkout ours "$root"
ours_id=$!
serving ours "$ours_uri" "$ours_id"
if [ -n "$against" ]; then
  serve_checkout other "$against"
  serving other "$other_uri" "$!"
fi

# fio_cell URI RW DEPTH SECONDS: prints "IOPS MEAN-LATENCY-MICROS P99-LATENCY-MICROS".
fio_cell() {
  local shift_fields=0
  if [ "$2" = randwrite ]; then shift_fields=41; fi
  if ! (
    ulimit -f 16384
    timeout -k 5 $(($4 + 30)) fio --name=cell --ioengine=nbd --uri="$1" --rw="$2" --bs=4k \
      --iodepth="$3" --time_based --runtime="$4" --randseed="$seed" --output-format=terse \
      --terse-version=3 --output="$scratch/fio.txt"
  ) >"$scratch/fio.log" 2>&1; then
    tail -n 3 "$scratch/fio.log" >&2
    fail "fio failed ($2, depth $3, $1)"
  fi
  # "connected to NBD server" may stand before the result line, which begins with the terse version.
  awk -F';' -v s="$shift_fields" '
    /^3;/ {
      if ($5 != 0) { exit 1 }
      split($(30 + s), p99, "=")
      printf "%d %.1f %d\n", $(8 + s), $(40 + s), p99[2]; found = 1
    }
    END { if (!found) exit 1 }' "$scratch/fio.txt" || fail "fio reports an error ($2, depth $3, $1)"
}

durability="journal fsync=$fsync ($([ "$fsync" = on ] && echo "survives power loss" ||
  echo "survives kill -9, not power loss")); data in the page cache on both sides, no flushes from the client"
echo "nbd: $(machine)"
echo "nbd: $version, commit $(commit); $(fio --version); $(nbdkit --version | head -n 1)"
echo "nbd: $durability; spin=$spin; 4 KiB, $size_mib MiB images, $rounds rounds of $seconds s a cell, seed $seed"

if [ "$warm_seconds" -gt 0 ]; then
  echo "nbd: warming up"
  for rw in randread randwrite; do
    for depth in $depths; do
      fio_cell "$ours_uri" "$rw" "$depth" "$warm_seconds" >/dev/null
      [ -z "$against" ] || fio_cell "$other_uri" "$rw" "$depth" "$warm_seconds" >/dev/null
      fio_cell "$nbdkit_uri" "$rw" "$depth" 1 >/dev/null
    done
  done
fi

samples=$scratch/samples
: >"$samples"
for round in $(seq "$rounds"); do
  # Who comes first has the quieter machine, or the noisier one: they take turns.
  if [ -n "$against" ]; then
    if [ $((round % 2)) -eq 0 ]; then servers="other ours nbdkit"; else servers="ours other nbdkit"; fi
  fi
  echo "nbd: round $round of $rounds"
  for rw in randread randwrite; do
    for depth in $depths; do
      for server in $servers; do
        uri=${server}_uri
        cell=$(fio_cell "${!uri}" "$rw" "$depth" "$seconds")
        echo "$rw $depth $server $round $cell" >>"$samples"
      done
    done
  done
done
peak_kib=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$ours_id/status") || fail "our node is gone"

# summarise PEER: lines "rw depth ours-iops peer-iops ratio lowest-ratio highest-ratio ours-p99 peer-p99", medians over
# rounds.
summarise() {
  awk -v peer="$1" '
    function median(list, n,   i, j, t) {
      for (i = 2; i <= n; i++) {
        t = list[i]
        for (j = i - 1; j >= 1 && list[j] > t; j--) list[j + 1] = list[j]
        list[j + 1] = t
      }
      return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
    }
    { cell = $1 " " $2; if (!(cell in seen)) { seen[cell] = 1; order[++cells] = cell }
      iops[cell, $3, $4] = $5; p99[cell, $3, $4] = $7; if ($4 > rounds) rounds = $4 }
    END {
      for (c = 1; c <= cells; c++) {
        cell = order[c]; low = -1; high = -1
        for (r = 1; r <= rounds; r++) {
          a[r] = iops[cell, "ours", r]; b[r] = iops[cell, peer, r]
          x[r] = p99[cell, "ours", r]; y[r] = p99[cell, peer, r]
          ratio = b[r] ? a[r] / b[r] : 0
          if (low < 0 || ratio < low) low = ratio
          if (ratio > high) high = ratio
        }
        ma = median(a, rounds); mb = median(b, rounds)
        printf "%s %d %d %.2f %.2f %.2f %d %d\n", cell, ma, mb, mb ? ma / mb : 0, low, high, \
          median(x, rounds), median(y, rounds)
      }
    }' "$samples"
}

# show_table PEER SUMMARY
show_table() {
  echo
  echo "| 4 KiB | depth | Chainring IOPS | $1 IOPS | ratio | ratio by round | Chainring p99 us | $1 p99 us |"
  echo "|---|---|---|---|---|---|---|---|"
  awk '{ printf "| %s | %s | %s | %s | %s | %s to %s | %s | %s |\n", $1, $2, $3, $4, $5, $6, $7, $8, $9 }' "$2"
}

summary=$scratch/summary
summarise nbdkit >"$summary"
show_table nbdkit "$summary"
if [ -n "$against" ]; then
  summarise other >"$scratch/summary-other"
  show_table "$(git -C "$against" rev-parse --short HEAD 2>/dev/null || basename "$against")" "$scratch/summary-other"
fi
echo
echo "Medians of $rounds rounds. Durability: $durability. Spin: $spin."
echo "Our node's peak resident memory: $((peak_kib / 1024)) MiB."

mkdir -p "$(dirname "$result")"
{
  printf '{\n  "benchmark": "nbd",\n  "date": %s,\n' "$(json "$(date -u +%Y-%m-%dT%H:%M:%SZ)")"
  printf '  "machine": %s,\n  "chainring": %s,\n  "commit": %s,\n' \
    "$(json "$(machine)")" "$(json "$version")" "$(json "$(commit)")"
  printf '  "fio": %s,\n  "nbdkit": %s,\n' "$(json "$(fio --version)")" \
    "$(json "$(nbdkit --version | head -n 1)")"
  printf '  "durability": %s,\n  "journalFsync": "%s",\n  "spin": "%s",\n' "$(json "$durability")" "$fsync" "$spin"
  printf '  "rounds": %s,\n  "secondsPerCell": %s,\n  "imageMiB": %s,\n  "seed": %s,\n  "peakResidentKiB": %s,\n' \
    "$rounds" "$seconds" "$size_mib" "$seed" "${peak_kib:-0}"
  awk '{ printf "%s    {\"rw\": \"%s\", \"depth\": %s, \"ours\": %s, \"nbdkit\": %s, \"ratio\": %s, \"ratioLowest\": %s, \"ratioHighest\": %s, \"oursP99Micros\": %s, \"nbdkitP99Micros\": %s}",
      NR == 1 ? "  \"medians\": [\n" : ",\n", $1, $2, $3, $4, $5, $6, $7, $8, $9 }
    END { printf "\n  ],\n" }' "$summary"
  awk '{ printf "%s    {\"rw\": \"%s\", \"depth\": %s, \"server\": \"%s\", \"round\": %s, \"iops\": %s, \"meanMicros\": %s, \"p99Micros\": %s}",
      NR == 1 ? "  \"samples\": [\n" : ",\n", $1, $2, $3, $4, $5, $6, $7 }
    END { printf "\n  ]\n}\n" }' "$samples"
} >"$result"
echo "Samples: $result"

if [ "$check" = yes ]; then
  low=$(awk '{ floor = $2 == 1 ? 0.5 : 0.8
    if ($5 < floor) printf "nbd: %s at depth %s: %s is below the floor of %s\n", $1, $2, $5, floor }' "$summary")
  if [ -n "$low" ]; then
    printf '%s\n' "$low"
    exit 1
  fi
fi
