#!/bin/sh
# Installs chainring-disk in a guest: the helper, and what calls it under udev, systemd or mdev, as far as they are there.
#
#   sh install.sh                     sh install.sh --uninstall
#   sh install.sh --root /mnt/image   into a file system that is mounted there
#
# A link of that file system is followed as if it were mounted at /: none leads out of it. What is there is replaced,
# not written over: a file may have a second name elsewhere. In the running system udev and systemd are told.
#
# --uninstall takes the names away too, so it is refused while one is mounted, swapped to, or under another block device.
#
# Exit code 2: wrong usage, a name is in use, or something could not be written; one line says what.
set -eu
umask 022

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
      case $root in -*) root=./$root ;; esac
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

# inside PATH: leaves in $place where PATH is in the root, with no link left in it.
inside() {
  place='' rest=$1 links=0
  while [ -n "$rest" ]; do
    part=${rest%%/*}
    case $rest in */*) rest=${rest#*/} ;; *) rest='' ;; esac
    case $part in
      '' | .) ;;
      ..) place=${place%/*} ;;
      *)
        if [ ! -h "$root$place/$part" ]; then
          place=$place/$part
          continue
        fi
        links=$((links + 1))
        if [ "$links" -gt 40 ]; then fail "too many links on the way to $root$1"; fi
        target=$(readlink "$root$place/$part") || fail "cannot read a link on the way to $root$1"
        case $target in /*) place='' ;; esac
        rest=$target/$rest
        ;;
    esac
  done
  place=$root$place
}

# free PATH: makes its folder and takes away what is under its name, a link rather than what it leads to; $place is it.
free() {
  inside "${1%/*}"
  mkdir -p "$place" || fail "cannot make the folder of $root$1"
  place=$place/${1##*/}
  if [ -h "$place" ]; then rm -f "$place"; fi || fail "cannot write $root$1"
  if [ -d "$place" ]; then fail "$root$1 is a folder"; fi
}

# put FILE PATH MODE
put() {
  free "$2"
  rm -f "$place.new"
  if ! cp "$here/$1" "$place.new" || ! chmod "$3" "$place.new" || ! mv -f "$place.new" "$place"; then
    fail "cannot write $root$2"
  fi
  printf '%s\n' "$root$2"
}

# there FOLDER...: whether one of them is in the guest.
there() {
  for folder; do
    inside "$folder"
    if [ -d "$place" ]; then return 0; fi
  done
  return 1
}

# tell PROGRAM ARGUMENT...: calls what the running system has of udev and systemd; an image has nobody to tell.
tell() {
  if [ -n "$root" ] || ! command -v "$1" >/dev/null; then return 0; fi
  case $1 in systemctl) [ -d /run/systemd/system ] || return 0 ;; udevadm) [ -e "$udev/control" ] || return 0 ;; esac
  "$@" || printf 'install.sh: this failed, do it by hand: %s\n' "$*" >&2
}

udev=${CHAINRING_UDEV:-/run/udev}
if [ "$action" = uninstall ]; then
  run=${CHAINRING_RUN:-/run/chainring} links=${CHAINRING_DEV:-/dev}/chainring
  if [ -z "$root" ]; then
    used=$("$here/chainring-disk" in-use) || fail "cannot tell which names are in use"
    # shellcheck disable=SC2086 # names, one a line
    if [ -n "$used" ]; then fail "nothing was removed: these names are in use, first unmount them:$(printf ' %s' $used)"; fi
    names=$("$here/chainring-disk" list) || fail "cannot tell which names there are"
    printf '%s\n' "$names" | while read -r name device _; do
      if [ -n "$name" ]; then printf '%s/%s, the name of %s\n' "$links" "$name" "$device"; fi
    done
    if [ -e "$unit" ]; then tell systemctl stop chainring-disk.service; fi
  fi
  for path in "$rules" "$wanted" "$unit" "$helper"; do
    inside "${path%/*}"
    place=$place/${path##*/}
    if [ ! -e "$place" ] && [ ! -h "$place" ]; then continue; fi
    rm -f "$place" || fail "cannot remove $root$path"
    printf '%s\n' "$root$path"
  done
  if [ -z "$root" ]; then
    # What udev does not make again goes with its next event; what the helper made goes here.
    tell udevadm control --reload
    tell udevadm trigger --settle --subsystem-match=block
    tell systemctl daemon-reload
    rm -rf "$run" || fail "cannot remove $run"
    if [ ! -e "$udev/control" ]; then
      printf '%s\n' "$names" | while read -r name device _; do
        for link in "$links/$name" "$links/$name"[0-9]*; do
          case $(readlink "$link") in "../$device" | "../$device"[0-9]* | "../${device}p"[0-9]*) rm -f "$link" ;; esac
        done
      done
    fi
  fi
  echo "All this is removed; generations stay in $root/var/lib/chainring, lines in /etc/mdev.conf are yours to remove."
  exit 0
fi

put chainring-disk "$helper" 755
called=no
if there /etc/udev /lib/udev /usr/lib/udev; then
  put 60-chainring-disk.rules "$rules" 644
  tell udevadm control --reload
  echo "  for disks that are there already: $helper recheck"
  called=yes
fi
if there /lib/systemd/system /usr/lib/systemd/system; then
  put chainring-disk.service "$unit" 644
  free "$wanted"
  ln -sf "$unit" "$place" || fail "cannot write $root$wanted"
  tell systemctl daemon-reload
fi
inside /etc/mdev.conf
if [ -e "$place" ]; then
  echo "mdev: put these lines at the top of $root/etc/mdev.conf, and at the end of what runs at boot:"
  echo "  $helper recheck"
  cat "$here/mdev.conf"
  called=yes
fi
if [ "$called" = no ]; then echo "Neither udev nor mdev is here: nothing calls $helper by itself."; fi
