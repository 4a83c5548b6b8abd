#!/usr/bin/env bash
# Finds functions that nothing calls: neither a program nor a test; and those that only tests call, unless
# scripts/deadcode.txt says why.
set -euo pipefail

format='{{range .Funcs}}{{printf "%s.%s\n" $.Path .Name}}{{end}}'

# It holds the whole program in memory: collecting less garbage takes a fifth less time and a fifth more memory.
export GOGC=400
# As a release is built: the tool itself is then made of packages that make test has compiled already.
export CGO_ENABLED=0 GOFLAGS="${GOFLAGS:-} -trimpath"

dead=$(go tool deadcode -test -f "$format" ./... | sed 's|^earshot/||')
if [ -n "$dead" ]; then
  printf 'nothing calls:\n%s\n' "$dead" >&2
  exit 1
fi

patterns=()
while IFS=$'\t' read -r pattern why; do
  case $pattern in '' | '#'*) continue ;; esac
  [ -n "$why" ] || { echo "scripts/deadcode.txt: $pattern needs a reason after a tab" >&2; exit 1; }
  patterns+=("$pattern")
done < scripts/deadcode.txt

found=$(go tool deadcode -f "$format" ./... | sed 's|^earshot/||')
met=()
status=0
while read -r name; do
  [ -n "$name" ] || continue
  known=
  for n in "${!patterns[@]}"; do
    # shellcheck disable=SC2053
    if [[ $name == ${patterns[n]} ]]; then known=1 met[n]=1; fi
  done
  [ -n "$known" ] || { echo "only tests call $name" >&2; status=1; }
done <<< "$found"

for n in "${!patterns[@]}"; do
  [ -n "${met[n]:-}" ] || { echo "scripts/deadcode.txt: ${patterns[n]} matches no function that only tests call" >&2; status=1; }
done
exit $status
