#!/usr/bin/env bash
# Boots a Debian with its own systemd and udevd under qemu's TCG, with the guest helper installed, and tries it there
# (checks/guest/inside.sh). As root, since it makes the guest's files; what it needs it installs.
#   checks/guest.sh [--disks N] [--limit SECONDS] [--keep FOLDER]     20 disks, 1800 s; the guest's files are made once in FOLDER
set -euo pipefail
. "$(dirname "$0")/lib.sh"

disks=20 limit=1800 folder=''
while [ $# -gt 0 ]; do
  case $1 in
    --disks) disks=$2 ;;
    --limit) limit=$2 ;;
    --keep) folder=$2 ;;
    *) fail "unknown argument: $1; see the head of this file" ;;
  esac
  shift 2
done
[ "$(id -u)" -eq 0 ] || fail "has to be root"

missing=''
for pair in debootstrap:debootstrap qemu-system-x86_64:qemu-system-x86 mke2fs:e2fsprogs; do
  command -v "${pair%%:*}" >/dev/null || missing="$missing ${pair#*:}"
done
if [ -n "$missing" ]; then
  # shellcheck disable=SC2086 # several packages
  timeout 900s apt-get install -y --no-install-recommends $missing >/dev/null 2>&1 || fail "cannot install$missing"
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
folder=${folder:-$scratch}
system=$folder/system
if [ ! -e "$folder/complete" ]; then
  echo "guest: making a Debian"
  mkdir -p "$folder"
  timeout 1500s debootstrap --variant=minbase \
    --include=systemd,systemd-sysv,udev,kmod,initramfs-tools,e2fsprogs,linux-image-cloud-amd64 bookworm "$system" \
    >"$folder/debootstrap.log" 2>&1 || fail "debootstrap: $(tail -n 1 "$folder/debootstrap.log")"
  touch "$folder/complete"
fi

# identifier VALUE GENERATION DIGEST: of the scheme V, with its check character.
identifier() {
  python3 - "$@" <<'END'
import sys
digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
def base36(number, width):
    text = ""
    while len(text) < width:
        text, number = digits[number % 36] + text, number // 36
    return text
text = "CV" + base36(int(sys.argv[1]), 4) + base36(int(sys.argv[2]), 5) + base36(int(sys.argv[3]), 8)
product = 36
for each in text:
    product = ((product + digits.index(each)) % 36 or 36) * 2 % 37
print(text + next(each for each in digits if (product + digits.index(each)) % 36 == 1))
END
}

install -d "$system/opt/guest"
cp guest/chainring-disk guest/60-chainring-disk.rules guest/chainring-disk.service guest/install.sh guest/mdev.conf \
  checks/guest/inside.sh "$system/opt/guest/"
echo "$disks" >"$system/opt/guest/disks"
echo guest >"$system/etc/hostname"
rm -rf "$system/var/lib/chainring"
sh guest/install.sh --root "$system" >/dev/null
units=$system/etc/systemd/system
cat >"$units/inside.service" <<'END'
[Unit]
Description=Try the guest helper
[Service]
Type=exec
ExecStart=/bin/sh /opt/guest/inside.sh
[Install]
WantedBy=multi-user.target
END
ln -sfn ../inside.service "$units/multi-user.target.wants/inside.service"
for unit in serial-getty@ttyS0 getty@tty1 apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer; do
  case $unit in *.timer) ;; *) unit=$unit.service ;; esac
  ln -sfn /dev/null "$units/$unit"
done
rm -f "$scratch/root.img"
mke2fs -q -t ext4 -d "$system" "$scratch/root.img" 2G

# One disk more than the guest is told of: a stale one, which claims the last one's name.
drives=()
for ((i = 0; i <= disks; i++)); do
  truncate -s 16M "$scratch/disk$i.img"
  if [ "$i" -eq "$disks" ]; then serial=$(identifier "$disks" 1 1000); else serial=$(identifier $((i + 1)) 2 $((i + 1))); fi
  drives+=(-drive "if=none,id=d$i,format=raw,file=$scratch/disk$i.img" -device "virtio-blk-pci,drive=d$i,serial=$serial")
done

echo "guest: booting it with $disks disks and a stale one"
: >"$scratch/answers"
timeout -k 10 "$limit" qemu-system-x86_64 -machine pc -accel tcg -cpu Nehalem -smp 2 -m 1G -display none -no-reboot \
  -kernel "$system"/boot/vmlinuz-* -initrd "$system"/boot/initrd.img-* \
  -append "root=/dev/disk/by-id/virtio-root rw console=ttyS0 panic=-1 no_timer_check quiet" \
  -serial "file:$scratch/console" -serial "file:$scratch/answers" \
  -drive "if=none,id=root,format=raw,file=$scratch/root.img" -device virtio-blk-pci,drive=root,serial=root \
  "${drives[@]}" </dev/null || echo "guest: qemu ended with $?"

tr -d '\r' <"$scratch/answers" | sed 's/^/guest: /'
if ! grep -q '^end ' "$scratch/answers"; then
  tail -n 20 "$scratch/console" >&2
  fail "the guest did not come to its end within $limit s"
fi
if grep -q '^FAILED ' "$scratch/answers"; then exit 1; fi
cases=$(grep -c '^try ' checks/guest/inside.sh)
[ "$(grep -c '^ok ' "$scratch/answers")" -eq "$cases" ] || fail "not all of the $cases cases were tried"
echo "guest: all $cases cases are as they should be"
