#!/usr/bin/env bash
# Checks the subjects of commits, merges too: `area: imperative, at most 72 characters`.
# Usage: scripts/subjects.sh [BASE]
# Looks at the commits that HEAD has and BASE has not, or at the last 50; never at commits before this rule.
set -euo pipefail
export LC_ALL=C.UTF-8

cd "$(dirname "$0")/.."
skip() {
  echo "subjects: skipped, $1"
  exit 0
}
# An archive may have been unpacked inside another repository.
[ "$(git rev-parse --show-toplevel 2>/dev/null)" = "$(pwd -P)" ] || skip 'no history here'
[ "$(git rev-parse --is-shallow-repository)" = false ] || skip 'the history is shallow'
git rev-parse -q --verify HEAD >/dev/null || skip 'no history here'
rule=$(git log --diff-filter=A --format=%H -- scripts/subjects.sh | tail -n 1)
[ -n "$rule" ] || skip 'the rule is in no commit yet'

# verdict names the mistake in a subject, and prints nothing for a good one.
verdict() {
  [ "${#1}" -le 72 ] || { echo "${#1} characters, 72 are allowed"; return; }
  [[ $1 =~ ^[a-z][a-z0-9._/-]*:\ (.*)$ ]] || { echo 'no `area: ` before what it does'; return; }
  local said=${BASH_REMATCH[1]}
  local first=${said%%[ ,;:]*}
  case $said in *.) echo 'a full stop at the end'; return ;; esac
  case $first in
    [[:lower:]]*) ;;
    *) echo 'what it does begins with a verb in lower case'; return ;;
  esac
  case $first in
    bring | embed | feed | focus | need | process | ring | seed | shed | speed | spring | string) ;;
    a | an | the | it | its | no | one | this | that | there | we | what | when | *ing | *ed | *[!s]s)
      echo "\"$first\" is no imperative" ;;
  esac
}

range=(HEAD)
if [ $# -gt 0 ] && [ -n "$1" ]; then
  range+=("^$(git merge-base "$1" HEAD)")
else
  range+=(-n 50)
fi
read -ra parents <<< "$(git rev-list --parents -n 1 "$rule")"
for parent in "${parents[@]:1}"; do range+=("^$parent"); done

since=$(git show -s --format=%at "$rule") # a branch that was merged later may have commits from before
count=0 bad=0
while read -r commit at subject; do
  [ -n "$commit" ] && [ "$at" -ge "$since" ] || continue
  count=$((count + 1))
  wrong=$(verdict "$subject")
  [ -z "$wrong" ] || { echo "$commit $subject: $wrong" >&2; bad=$((bad + 1)); }
done <<< "$(git log --format='%h %at %s' "${range[@]}")"
[ "$bad" = 0 ] || exit 1
echo "subjects: checked $count"
