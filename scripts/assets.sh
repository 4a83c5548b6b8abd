#!/usr/bin/env bash
# Brings the console's browser library and its font, by the lock file, to where the build embeds it: internal/console/static/vendor.
# Without npm, or without a network, the console is built without it: its pages are then loaded whole.
set -euo pipefail
cd "$(dirname "$0")/../internal/console"

vendor=static/vendor
want=$(cat npm/package-lock.json npm/package.json | cksum)
[ "$(cat "$vendor/version.txt" 2>/dev/null || true)" != "$want" ] || exit 0
if ! command -v npm >/dev/null; then
  echo "assets: npm is not here; the console is built without its browser library and works with plain forms"
  exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp npm/package.json npm/package-lock.json npm/.npmrc "$work"
if ! (cd "$work" && npm ci --ignore-scripts --no-audit --no-fund --silent); then
  echo "assets: npm could not install the console's browser library; the console is built without it and works with plain forms" >&2
  exit 0
fi
mkdir -p "$vendor"
cp "$work/node_modules/htmx.org/dist/htmx.min.js" "$work/node_modules/htmx.org/dist/ext/hx-sse.min.js" "$work/node_modules/htmx.org/LICENSE" "$vendor"
font=$work/node_modules/@fontsource-variable/figtree
cp "$font"/files/figtree-latin{,-ext}-wght-normal.woff2 "$vendor"
cp "$font/LICENSE" "$vendor/figtree.LICENSE" # the SIL Open Font License wants to go with the font
printf '%s' "$want" >"$vendor/version.txt"
