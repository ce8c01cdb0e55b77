#!/bin/sh
# Runs inside the guest of checks/guest.sh, as root, when it is up: tries the rule, the unit and the installer under a real
# udevd and systemd. One line a case, "ok CASE" or "FAILED CASE", and "end" as the last.
exec >/dev/ttyS1 2>&1
links=/dev/chainring
helper=/usr/local/sbin/chainring-disk
disks=$(cat /opt/guest/disks)

try() {
  case=$1
  shift
  if "$@"; then echo "ok $case"; else echo "FAILED $case"; fi
}

# event DEVICE: one of udev's, handled.
event() {
  udevadm trigger --settle --action=change "/sys/class/block/$1"
}

# named NAME DEVICE: udev's link, udev's database and systemd's unit say the same.
named() {
  [ "$(readlink "$links/$1")" = "../$2" ] &&
    udevadm info "/dev/$2" | grep -q "^S: chainring/$1\$" &&
    [ "$(systemctl is-active "dev-chainring-$1.device")" = active ]
}

mounted() {
  grep -q ' /mnt ' /proc/self/mountinfo
}

all_named() {
  count=0
  while read -r name device _; do
    named "$name" "$device" || return 1
    count=$((count + 1))
  done <<END
$("$helper" list)
END
  [ "$count" -eq "$disks" ]
}

refused_once() {
  [ "$(journalctl -b -t chainring-disk | grep -c ' is stale, ')" -eq 1 ]
}

nothing_failed() {
  [ -z "$(systemctl list-units --failed --plain --no-legend)" ]
}

missing_helper() {
  mv "$helper" "$helper.away"
  event "$held"
  mv "$helper.away" "$helper"
  named "$first" "$held" && mounted
}

failing_helper() {
  chmod go+w /run/chainring
  event "$held"
  chmod go-w /run/chainring
  named "$first" "$held" && mounted
}

stale_in_use() {
  old=$(readlink "/var/lib/chainring/generations/$first")
  for memory in /var/lib/chainring/generations /run/chainring/generations; do
    ln -sfn "00009:${old#*:}" "$memory/$first"
  done
  "$helper" recheck
  event "$held"
  named "$first" "$held" && mounted
}

stale_no_more_in_use() {
  umount /mnt
  "$helper" recheck
  [ ! -e "$links/$first" ] && event "$held" && [ ! -e "$links/$first" ]
}

forgotten() {
  "$helper" forget "$first" && "$helper" recheck
  named "$first" "$held"
}

uninstalled_in_use() {
  mount "$links/$first" /mnt
  ! sh /opt/guest/install.sh --uninstall && named "$first" "$held" && mounted && umount /mnt
}

uninstalled() {
  sh /opt/guest/install.sh --uninstall
  [ ! -e "$links/$first" ] && [ ! -e /run/chainring ] &&
    [ "$(systemctl show -p LoadState --value chainring-disk.service)" = not-found ]
}

# This is a job of the boot itself: what it waits for is udev, which has the disks to see to.
udevadm settle --timeout=600
read -r first held _ <<END
$("$helper" list)
END
try every-disk-has-its-name-and-its-unit all_named
try a-refused-disk-is-logged-once refused_once
try the-unit-is-active-and-the-system-is-not-degraded systemctl is-active --quiet chainring-disk
try nothing-failed nothing_failed
mkfs.ext4 -q "$links/$first" && mount "$links/$first" /mnt
try a-missing-helper-takes-no-name missing_helper
try a-failing-helper-takes-no-name failing_helper
try a-stale-name-in-use-stays stale_in_use
try a-stale-name-goes-when-its-use-ends stale_no_more_in_use
try forget-brings-it-back forgotten
try uninstall-is-refused-while-in-use uninstalled_in_use
try uninstall-leaves-nothing uninstalled
journalctl -b --no-pager -t chainring-disk -o short-monotonic
echo "end $(cut -d' ' -f1 /proc/uptime)"
systemctl poweroff --force --force
