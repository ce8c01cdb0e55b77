#!/bin/sh
# Installs chainring-disk in a guest: the helper, and what calls it under udev, systemd or mdev, as far as they are there.
#
#   sh install.sh                     sh install.sh --uninstall
#   sh install.sh --root /mnt/image   into a file system that is mounted there
#
# Exit code 2: wrong usage, or something could not be written; one line says what.
set -eu

fail() {
  printf 'install.sh: %s\n' "$1" >&2
  exit 2
}

root='' action=install
while [ $# -gt 0 ]; do
  case $1 in
    --uninstall) action=uninstall ;;
    --root)
      [ -d "${2:-}" ] || fail "--root takes a folder that is there"
      root=${2%/}
      shift
      ;;
    *) fail "unknown argument; there are --root FOLDER and --uninstall" ;;
  esac
  shift
done
case $0 in
  */*) here=${0%/*} ;;
  *) here=. ;;
esac

helper=/usr/local/sbin/chainring-disk
rules=/etc/udev/rules.d/60-chainring-disk.rules
unit=/etc/systemd/system/chainring-disk.service
wanted=/etc/systemd/system/sysinit.target.wants/chainring-disk.service

# put FILE PLACE MODE
put() {
  if ! mkdir -p "$root${2%/*}" || ! cp "$here/$1" "$root$2" || ! chmod "$3" "$root$2"; then
    fail "cannot write $root$2"
  fi
  printf '%s\n' "$root$2"
}

# there FOLDER...: whether one of them is in the guest.
there() {
  for folder; do
    if [ -d "$root$folder" ]; then return 0; fi
  done
  return 1
}

if [ "$action" = uninstall ]; then
  rm -f "$root$helper" "$root$rules" "$root$wanted" "$root$unit" || fail "cannot remove everything"
  echo "Removed; generations stay in $root/var/lib/chainring, lines in /etc/mdev.conf are yours to remove."
  exit 0
fi

put chainring-disk "$helper" 755
called=no
if there /etc/udev /lib/udev /usr/lib/udev; then
  put 60-chainring-disk.rules "$rules" 644
  echo "  for disks that are there already: udevadm control --reload && udevadm trigger --subsystem-match=block"
  called=yes
fi
if there /lib/systemd/system /usr/lib/systemd/system; then
  put chainring-disk.service "$unit" 644
  if ! mkdir -p "$root${wanted%/*}" || ! ln -sf "$unit" "$root$wanted"; then fail "cannot write $root$wanted"; fi
fi
if [ -e "$root/etc/mdev.conf" ]; then
  echo "mdev: put these lines at the top of $root/etc/mdev.conf, and at the end of what runs at boot:"
  echo "  $helper recheck"
  cat "$here/mdev.conf"
  called=yes
fi
if [ "$called" = no ]; then echo "Neither udev nor mdev is here: nothing calls $helper by itself."; fi
