#!/usr/bin/env bash
# Looks for known vulnerabilities in the code that the program calls; scripts/vulncheck.allow has the exceptions.
# Exits 1 if there is one, 2 if it could not look. VULNDB names another database, for example file:///folder.
set -euo pipefail
cd "$(dirname "$0")/.."

govulncheck=golang.org/x/vuln/cmd/govulncheck@v1.9.0
db=${VULNDB:-https://vuln.go.dev}

found=$(mktemp)
trap 'rm -f "$found"' EXIT
if ! go run "$govulncheck" -db "$db" -format json ./... >"$found"; then
  echo "make vulncheck: NOTHING WAS CHECKED. It needs the network: for govulncheck, and for the database at $db." >&2
  echo "  Where there is a copy of the database: make vulncheck VULNDB=file:///folder" >&2
  exit 2
fi
go run ./internal/release/vulncheck -allow scripts/vulncheck.allow <"$found"
