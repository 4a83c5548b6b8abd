#!/usr/bin/env bash
# Brings the console's browser library, and the font of all pages, by the lock file, to where the build embeds them:
# internal/console/static/vendor and internal/style/static/vendor.
# Without npm, or without a network, the program is built without them: the console's pages are then loaded whole.
set -euo pipefail
cd "$(dirname "$0")/../internal/console"

vendor=static/vendor fonts=../style/static/vendor
want=$(cat npm/package-lock.json npm/package.json ../../scripts/assets.sh | cksum)
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
rm -rf "$vendor" "$fonts"
mkdir -p "$vendor" "$fonts"
cp "$work/node_modules/htmx.org/dist/htmx.min.js" "$work/node_modules/htmx.org/dist/ext/hx-sse.min.js" "$work/node_modules/htmx.org/LICENSE" "$vendor"
font=$work/node_modules/@fontsource-variable/figtree
cp "$font"/files/figtree-latin{,-ext}-wght-normal.woff2 "$fonts"
cp "$font/LICENSE" "$fonts/figtree.LICENSE" # the SIL Open Font License wants to go with the font
printf '%s' "$want" >"$vendor/version.txt"
