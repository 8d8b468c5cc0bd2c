#!/bin/bash
# Fetch the Znuny that the helpdesk tests run, once; later calls find it and return at once.
# Debian has it in non-free, package otrs2, in the backports of its stable release. It is unpacked and never installed: its
# set-up wants a database and a web server, the tests give it others. The machine's own package sources stay as they are.
# Needs no root. Everything is written under the test cache.
set -euo pipefail
CACHE=${CONTACT_MONITOR_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/contact-monitor-tests}
HOME_DIR=$CACHE/znuny
# shellcheck source=tests/servers/mirror.sh
. "$(dirname "${BASH_SOURCE[0]}")/../mirror.sh"
mkdir -p "$HOME_DIR"
exec 9>"$HOME_DIR/build.lock"
flock 9

if [ -e "$HOME_DIR/root/usr/share/otrs/RELEASE" ]; then
  exit 0
fi
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
apt=$HOME_DIR/apt
rm -rf "$apt" "$HOME_DIR/part"
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/sources" "$apt/download"
cat >"$apt/sources/non-free.sources" <<SOURCES
Types: deb
URIs: $(mirror)
Suites: $release $release-backports
Components: non-free
Signed-By: $KEYRING
SOURCES
options=(-o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$apt/sources" -o "Dir::State::lists=$apt/lists"
  -o "Dir::Cache=$apt/cache" -o Acquire::Retries=3 -o APT::Sandbox::User=root -q)
cd "$apt/download"
{
  apt-get "${options[@]}" update
  apt-get "${options[@]}" download "otrs2/$release-backports" || apt-get "${options[@]}" download otrs2
} >"$HOME_DIR/build.log" 2>&1 || { tail -n 20 "$HOME_DIR/build.log" >&2; exit 1; }
dpkg-deb -x otrs2_*.deb "$HOME_DIR/part"
mv "$HOME_DIR/part" "$HOME_DIR/root"
rm -rf "$apt"
