#!/usr/bin/env bash
# Lists in one line the missing needs of `make test`, and in another the tests left out without them. Foreign implementations
# and axe-core are installed by the tests themselves, with npm, into .cache.
set -euo pipefail

missing=()
if ! command -v go >/dev/null; then
  missing+=("Go 1.26 or newer (https://go.dev/dl)")
elif ! go version >/dev/null 2>&1; then
  missing+=("${GOTOOLCHAIN:-the version of Go in go.mod}, which could not be downloaded (with the Go of this machine: make test GOTOOLCHAIN=local)")
fi
command -v "${CC:-cc}" >/dev/null || command -v gcc >/dev/null || missing+=("a C compiler for the race detector (Debian: apt-get install gcc libc6-dev)")
command -v npm >/dev/null || missing+=("Node.js with npm for the tests with other implementations (Debian: apt-get install nodejs npm; without: EARSHOT_FOREIGN=off make test)")
[ "${EARSHOT_FOREIGN:-}" != off ] || missing=("${missing[@]/Node.js*/}")

text=$(printf '%s; ' "${missing[@]}" | sed 's/^[; ]*//; s/[; ]*$//')
if [ -n "$text" ]; then
  echo "make test needs: $text" >&2
  exit 1
fi

# internal/test/browser looks for the same names.
if [ "${EARSHOT_BROWSER:-}" != off ] && [ ! -x "${EARSHOT_BROWSER:-}" ]; then
  found=
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" >/dev/null && found=1
  done
  [ -n "$found" ] || echo "make test: the tests in a real browser are skipped; Chromium is missing (Debian: apt-get install chromium)" >&2
fi
