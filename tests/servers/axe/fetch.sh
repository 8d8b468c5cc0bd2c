#!/bin/bash
# Fetch axe-core, which judges how accessible the pages are, once; later calls find it and return at once.
# It runs in the browser of the tests alone. Needs npm and no root. Everything is written under the test cache.
set -euo pipefail
VERSION=4.14.1
CACHE=${CONTACT_MONITOR_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/contact-monitor-tests}
HOME_DIR=$CACHE/axe
mkdir -p "$HOME_DIR"
exec 9>"$HOME_DIR/fetch.lock"
flock 9

if [ "$(cat "$HOME_DIR/version" 2>/dev/null)" = "$VERSION" ]; then
  exit 0
fi
part=$HOME_DIR/part
rm -rf "$part"
mkdir "$part"
cd "$part" # npm looks for a project where it is
npm_config_cache=$part/npm npm pack --silent --no-update-notifier "axe-core@$VERSION" >"$HOME_DIR/fetch.log" 2>&1 ||
  { tail -n 20 "$HOME_DIR/fetch.log" >&2; exit 1; }
tar -xzf "axe-core-$VERSION.tgz" package/axe.min.js
mv package/axe.min.js "$HOME_DIR/axe.min.js"
echo "$VERSION" >"$HOME_DIR/version"
rm -rf "$part"
