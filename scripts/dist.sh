#!/usr/bin/env bash
# Makes a release in dist/release: for each machine an archive, a Debian package and an SBOM, and SHA256SUMS.
# `make dist` sets VERSION, SOURCE_DATE_EPOCH and MAINTAINER. The same commit gives the same bytes, in whichever folder.
set -euo pipefail
umask 022
cd "$(dirname "$0")/.."

machines="amd64 arm64"
nfpm=github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2
gomod=github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0

fail() {
  echo "make dist: $1" >&2
  exit 1
}

[[ $VERSION =~ ^[A-Za-z0-9.+~-]+$ ]] || fail "a version has letters, digits and . + ~ - only, not \"$VERSION\""
[[ ${SOURCE_DATE_EPOCH:-} =~ ^[0-9]+$ ]] || fail "SOURCE_DATE_EPOCH is not set, and there is no commit to take the time from"
tar --version 2>/dev/null | grep -q 'GNU tar' || fail "GNU tar is needed"
[ -f internal/console/static/vendor/version.txt ] || fail "the console's browser library is missing: it needs npm and the network (make assets says why)"

# here runs a command for this machine, whatever is being built.
here() { GOOS='' GOARCH='' CGO_ENABLED=0 "$@"; }

# deb_version is a version as Debian sorts it: 1.2.3-rc.1 before 1.2.3, what git describe calls 1.2.3-4-gabc after it,
# and what has no version yet by its time.
deb_version() {
  local v=${VERSION#v}
  case $v in
  [0-9]*.*) sed -E 's/-dirty$/+dirty/; s/-([0-9]+)-g([0-9a-f]+)/+\1.\2/; s/-/~/g' <<<"$v" ;;
  *) echo "0~$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y%m%d%H%M%S).${v//-/+}" ;;
  esac
}

# build makes the program for a machine.
build() { # MACHINE
  GOOS=linux GOARCH=$1 make -s build BINARY="$work/$1/earshot" VERSION="$VERSION"
}

# archive packs the folders as they go below /usr/local.
archive() { # MACHINE
  local name=earshot-$VERSION-linux-$1 stage=$work/$1/archive
  TEXTS_FROM=$work/here/earshot scripts/install.sh install "$work/$1/earshot" "$stage/$name" /usr/local
  mv "$stage/$name/usr/local"/* "$stage/$name/" && rmdir -p --ignore-fail-on-non-empty "$stage/$name/usr/local"
  install -D -m 644 -t "$stage/$name/share/doc/earshot" LICENSE README.md CHANGELOG.md
  tar --create --directory "$stage" --format=ustar --sort=name --owner=0 --group=0 --numeric-owner --mode=u+rw,go+r-w,a-s \
    --mtime="@$SOURCE_DATE_EPOCH" "$name" | gzip -9n >"$out/$name.tar.gz"
}

# package makes the Debian package.
package() { # MACHINE
  local stage=$work/$1/deb version
  version=$(deb_version)
  TEXTS_FROM=$work/here/earshot scripts/install.sh install "$work/$1/earshot" "$stage" /usr
  gzip -9n "$stage/usr/share/man/man1/earshot.1"
  mkdir -p "$stage/usr/share/zsh/vendor-completions" # where Debian's zsh looks
  mv "$stage/usr/share/zsh/site-functions/_earshot" "$stage/usr/share/zsh/vendor-completions/"
  rmdir "$stage/usr/share/zsh/site-functions"
  install -D -m 644 scripts/packaging/deb/earshot.sysusers "$stage/usr/lib/sysusers.d/earshot.conf"
  install -D -m 644 -t "$stage/usr/share/doc/earshot" scripts/packaging/deb/copyright README.md
  gzip -9n <CHANGELOG.md >"$stage/usr/share/doc/earshot/changelog.gz"
  find "$stage" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
  STAGE=$stage ARCH=$1 DEB_VERSION=$version "$tools/nfpm" package --config scripts/packaging/nfpm.yaml --packager deb \
    --target "$out/earshot_${version}_$1.deb" >/dev/null
}

# sbom lists the parts of the program. The tool takes the machine from its own environment, not from the program.
sbom() { # MACHINE
  GOOS=linux GOARCH=$1 "$tools/cyclonedx-gomod" bin -json -std -noserial -notimestamp -version "$VERSION" -output "$work/$1/modules.json" "$work/$1/earshot"
  here go run ./internal/release/sbom -lock internal/console/npm/package-lock.json -time "$SOURCE_DATE_EPOCH" \
    <"$work/$1/modules.json" >"$out/earshot-$VERSION-linux-$1.cdx.json"
}

work=dist/work
out=dist/release
rm -rf "$work" "$out"
mkdir -p "$out"
tools=$PWD/$work/tools
GOBIN=$tools here go install "$nfpm"
GOBIN=$tools here go install "$gomod"
here make -s build BINARY="$work/here/earshot" VERSION="$VERSION"
for machine in $machines; do
  build "$machine"
  archive "$machine"
  package "$machine"
  sbom "$machine"
done
(cd "$out" && sha256sum -- * >SHA256SUMS)
rm -rf "$work"
cat "$out/SHA256SUMS"
