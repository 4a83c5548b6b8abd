#!/usr/bin/env bash
# Fuzzes every target for a short while: scripts/fuzz.sh [SECONDS-IN-ALL] [PACKAGE-FOLDER...]
# The time is shared out evenly; building comes on top, once a package. What was found before lies in testdata/fuzz and
# runs with every `go test`. To look for longer: go test -run '^$' -fuzz '^FuzzX$' ./the/package
set -euo pipefail
cd "$(dirname "$0")/.."

total=${1:-60}
[ $# -gt 0 ] && shift
folders=("$@")
[ ${#folders[@]} -gt 0 ] || folders=(cmd federation internal store)

targets=()
for folder in "${folders[@]}"; do
  [ -d "$folder" ] || continue
  while IFS=: read -r file name; do
    targets+=("$(dirname "$file") ${name#func }")
  done < <(grep -rHoE '^func Fuzz[A-Za-z0-9_]+' --include='*_test.go' "$folder" | sort)
done
if [ ${#targets[@]} -eq 0 ]; then
  echo "fuzz: no target found in ${folders[*]}" >&2
  exit 1
fi
each=$((total / ${#targets[@]}))
[ "$each" -ge 1 ] || each=1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cache=$(go env GOCACHE)/fuzz # where `go test -fuzz` keeps new inputs
built=
for target in "${targets[@]}"; do
  read -r folder name <<<"$target"
  if [ "$folder" != "$built" ]; then
    # As a release is built: what is not instrumented, make test has compiled already.
    GOGC=400 CGO_ENABLED=0 go test -c -trimpath -vet=off -fuzz . -o "$work/fuzz.test" "./$folder"
    package=$(go list "./$folder")
    built=$folder
  fi
  began=$SECONDS
  if ! (cd "$folder" && "$work/fuzz.test" -test.run '^$' -test.fuzz "^$name\$" -test.fuzztime "${each}s" -test.fuzzminimizetime 1s \
    -test.fuzzcachedir "$cache/$package" -test.paniconexit0) >"$work/log" 2>&1; then
    # The testing package may fail a target only because its time was over (go.dev/issue/75804, mended in 1.27).
    if ! grep -q 'context deadline exceeded' "$work/log" || grep -qE 'Failing input|panic|fuzzing process hung' "$work/log"; then
      cat "$work/log"
      exit 1
    fi
  fi
  printf 'ok  \t%s\t%ss %s\n' "$package" "$((SECONDS - began))" "$name"
done
