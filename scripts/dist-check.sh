#!/usr/bin/env bash
# Makes the release of the last commit twice: in two folders, with two build caches, umasks, languages and time zones.
# Fails if a byte differs, or if a file is missing. `make dist-check` sets VERSION.
set -euo pipefail
cd "$(dirname "$0")/.."

read -r commit made < <(git log -1 --format='%h %ct')
place=$(mktemp -d)
trap 'chmod -R u+w "$place"; rm -rf "$place"' EXIT

# tree puts the last commit, and the console's library and the font, which are not in it, into a folder.
tree() { # FOLDER
  mkdir -p "$1"
  git archive HEAD | tar -x -C "$1"
  for of in console style; do
    if [ -d "internal/$of/static/vendor" ]; then cp -r "internal/$of/static/vendor" "$1/internal/$of/static/"; fi
  done
}

dist() { # FOLDER
  make -s -C "$1" dist VERSION="$VERSION" SOURCE_DATE_EPOCH="$made" >/dev/null
}

fail() {
  echo "dist-check: $1" >&2
  exit 1
}

first=$place/one second=$place/another/folder
tree "$first"
tree "$second"
(umask 022; export TZ=UTC LC_ALL=C; dist "$first")
(umask 077; export TZ=Asia/Tokyo LC_ALL=C.UTF-8 GOCACHE="$place/cache"; dist "$second")
diff -r "$first/dist/release" "$second/dist/release" || fail "two builds of one commit differ"

cd "$first/dist/release"
sha256sum --check --quiet SHA256SUMS || fail "a checksum is wrong"
for machine in amd64 arm64; do
  archive=$(tar -tzf "earshot-$VERSION-linux-$machine.tar.gz")
  for f in bin/earshot share/man/man1/earshot.1 share/bash-completion/completions/earshot share/zsh/site-functions/_earshot \
    share/fish/vendor_completions.d/earshot.fish lib/systemd/system/earshot.{service,socket} share/doc/earshot/{LICENSE,README.md,CHANGELOG.md}; do
    grep -qxF "earshot-$VERSION-linux-$machine/$f" <<<"$archive" || fail "$f is not in the archive for $machine"
  done
  [ "$(ls earshot_*_"$machine".deb | wc -l)" = 1 ] || fail "the Debian package for $machine is missing"
  sbom=earshot-$VERSION-linux-$machine.cdx.json
  grep -q "goarch=$machine" "$sbom" || fail "$sbom does not name its machine"
  grep -q '"pkg:npm/htmx.org@' "$sbom" || fail "$sbom does not name the console's library"
done
echo "dist-check: $(wc -l <SHA256SUMS) files of $commit are the same, made twice"
