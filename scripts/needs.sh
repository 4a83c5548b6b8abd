#!/usr/bin/env bash
# Says in one line what is missing for `make test`. Foreign implementations for the tests are installed by the tests
# themselves, with npm, into .cache.
set -euo pipefail

missing=()
command -v go >/dev/null || missing+=("Go 1.26 or newer (https://go.dev/dl)")
command -v "${CC:-cc}" >/dev/null || command -v gcc >/dev/null || missing+=("a C compiler for the race detector (Debian: apt-get install gcc libc6-dev)")
command -v npm >/dev/null || missing+=("Node.js with npm for the tests with other implementations (Debian: apt-get install nodejs npm; without: EARSHOT_FOREIGN=off make test)")
[ "${EARSHOT_FOREIGN:-}" != off ] || missing=("${missing[@]/Node.js*/}")

text=$(printf '%s; ' "${missing[@]}" | sed 's/^[; ]*//; s/[; ]*$//')
if [ -n "$text" ]; then
  echo "make test needs: $text" >&2
  exit 1
fi
