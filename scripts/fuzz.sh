#!/usr/bin/env bash
# Fuzzes every target for a short while: scripts/fuzz.sh [SECONDS-IN-ALL] [PACKAGE-FOLDER...]
# The time is shared out evenly; building comes on top. What was found before lies in testdata/fuzz and runs with
# every `go test`. To look for longer: go test -run '^$' -fuzz '^FuzzX$' ./the/package
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

log=$(mktemp)
trap 'rm -f "$log"' EXIT
for target in "${targets[@]}"; do
  read -r folder name <<<"$target"
  if go test -run '^$' -fuzz "^$name\$" -fuzztime "${each}s" -fuzzminimizetime 1s "./$folder" >"$log" 2>&1; then
    printf '%s %s\n' "$(tail -n 1 "$log")" "$name"
    continue
  fi
  # The go command may fail a target only because its time was over (go.dev/issue/75804, mended in 1.27).
  if grep -q 'context deadline exceeded' "$log" && ! grep -qE 'Failing input|panic|fuzzing process hung' "$log"; then
    printf 'ok  \t%s\t%ss %s\n' "$folder" "$each" "$name"
    continue
  fi
  cat "$log"
  exit 1
done
