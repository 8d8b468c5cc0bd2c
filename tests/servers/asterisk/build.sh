#!/bin/bash
# Build the small chroot with a real Asterisk that the call tests run, once; later calls find it and return at once.
# Debian bookworm has no asterisk package: the first suite below that gives a working one wins.
# Needs root, debootstrap and the machine's own Debian mirror. Everything is written under the test cache.
set -euo pipefail
CACHE=${CONTACT_MONITOR_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/contact-monitor-tests}
SUITES=${ASTERISK_SUITES:-forky sid bullseye}
HOME_DIR=$CACHE/asterisk
mkdir -p "$HOME_DIR"
exec 9>"$HOME_DIR/build.lock"
flock 9

if [ -x "$HOME_DIR/root/usr/sbin/asterisk" ]; then
  exit 0
fi
[ "$(id -u)" = 0 ] || { echo "building the Asterisk chroot needs root" >&2; exit 1; }
[ -x /usr/sbin/debootstrap ] || { echo "building the Asterisk chroot needs debootstrap (apt-get install debootstrap)" >&2; exit 1; }

# The mirror, its key ring and the policy on expired Release files (frozen mirrors) are the machine's own.
# shellcheck source=tests/servers/mirror.sh
. "$(dirname "${BASH_SOURCE[0]}")/../mirror.sh"

build_root() { # build_root SUITE DIRECTORY
  local suite=$1 root=$2 script=/usr/share/debootstrap/scripts/$1 valid=true
  [ -e "$script" ] || script=/usr/share/debootstrap/scripts/sid
  if apt-config dump | grep -qiE 'Acquire::Check-Valid-Until "(false|0|no)"'; then valid=false; fi
  rm -rf --one-file-system "$root"
  debootstrap --variant=minbase --keyring="$KEYRING" "$suite" "$root" "$(mirror)" "$script" || return 1
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod +x "$root/usr/sbin/policy-rc.d"
  DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 chroot "$root" sh -ec "
    apt-get -o Acquire::Check-Valid-Until=$valid -o Acquire::Retries=3 update
    apt-get -o Acquire::Retries=3 install -y --no-install-recommends asterisk
    apt-get clean
    rm -rf /var/lib/apt/lists/*
    asterisk -V" || return 1
}

for suite in $SUITES; do
  for attempt in 1 2; do # a hiccup of the mirror is common enough
    echo "building the Asterisk chroot from $suite, attempt $attempt (log: $HOME_DIR/build-$suite.log)"
    # As an if, because a function that is tested runs without -e: hence the explicit returns above.
    if build_root "$suite" "$HOME_DIR/part" >"$HOME_DIR/build-$suite.log" 2>&1; then
      mv "$HOME_DIR/part" "$HOME_DIR/root"
      chroot "$HOME_DIR/root" asterisk -V
      exit 0
    fi
    sleep 3
  done
done
echo "no suite of '$SUITES' gave an asterisk; see $HOME_DIR/build-*.log" >&2
exit 1
