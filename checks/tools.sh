#!/usr/bin/env bash
# Sees to the outside programs that the tests use. As root on a Debian it installs what is missing;
# otherwise it says what is missing: tests that need it are then skipped. With CI=true that fails.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# program:package
wanted="nbdkit:nbdkit nbdinfo:libnbd-bin nbdcopy:libnbd-bin nbdsh:python3-libnbd
  qemu-img:qemu-utils qemu-io:qemu-utils fio:fio busybox:busybox dash:dash shellcheck:shellcheck openssl:openssl
  flock:util-linux gcc:gcc mkfs.ext4:e2fsprogs losetup:mount qemu-storage-daemon:qemu-system-common nbdfuse:libnbd-bin"

# library:package
libraries="libleveldb.so:libleveldb1d"

missing() {
  local pair
  {
    for pair in $wanted; do
      command -v "${pair%%:*}" >/dev/null || printf '%s ' "${pair#*:}"
    done
    for pair in $libraries; do
      ls /usr/lib/*/"${pair%%:*}"* >/dev/null 2>&1 || printf '%s ' "${pair#*:}"
    done
    # What no program shows.
    if [ ! -e /usr/include/stdio.h ]; then printf 'libc6-dev '; fi
    if ! nbdkit --dump-plugin python >/dev/null 2>&1; then printf 'nbdkit-plugin-python '; fi
  } | tr ' ' '\n' | sort -u | tr '\n' ' '
}

packages=$(missing)
if [ -n "${packages// /}" ] && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  echo "tools: installing $packages"
  export DEBIAN_FRONTEND=noninteractive
  log=$(mktemp)
  # shellcheck disable=SC2086 # several packages
  if ! { timeout 180s apt-get update && timeout 600s apt-get install -y --no-install-recommends \
    $packages; } >"$log" 2>&1; then
    tail -n 5 "$log" >&2
  fi
  rm -f "$log"
  hash -r
  packages=$(missing)
fi

if [ -n "${packages// /}" ]; then
  echo "tools: missing: ${packages}(Debian: apt install ${packages% })"
  if in_ci; then exit 1; fi
else
  echo "tools: all there"
fi
