#!/usr/bin/env bash
# Installs the program, its manual page, its completions and its systemd units, or removes them:
#   scripts/install.sh install BINARY DESTDIR PREFIX
#   scripts/install.sh uninstall DESTDIR PREFIX
# TEXTS_FROM names the program that prints page and completions, if BINARY is for another machine.
set -euo pipefail
umask 022
cd "$(dirname "$0")/.."

fail() {
  echo "make install: $1" >&2
  exit 1
}

# The files below PREFIX. What `install` puts there, `uninstall` removes.
program=bin/earshot
page=share/man/man1/earshot.1
bash_words=share/bash-completion/completions/earshot
zsh_words=share/zsh/site-functions/_earshot
fish_words=share/fish/vendor_completions.d/earshot.fish
unit=lib/systemd/system/earshot.service
socket=lib/systemd/system/earshot.socket

install_all() {
  local binary=$1 root=$2 prefix=$3
  [ -f "$binary" ] || fail "$binary is missing: run make build first, as yourself"
  local texts=${TEXTS_FROM:-$binary}
  case $texts in */*) ;; *) texts=./$texts ;; esac
  work=$(mktemp -d) # not local: the trap reads it
  trap 'rm -rf "$work"' EXIT
  "$texts" man >"$work/page" || fail "$texts cannot print its manual page here"
  for shell in bash zsh fish; do "$texts" completion "$shell" >"$work/$shell"; done
  # The installed unit starts the installed program, and needs no words on how to install it.
  sed -e '1,/^\[Unit\]/{/^#/d}' -e "s|^ExecStart=[^ ]*|ExecStart=$prefix/$program|" docs/operations/earshot.service >"$work/unit"
  sed -e '1,/^\[Unit\]/{/^#/d}' docs/operations/earshot.socket >"$work/socket"

  install -D -m 755 "$binary" "$root$prefix/$program"
  install -D -m 644 "$work/page" "$root$prefix/$page"
  install -D -m 644 "$work/bash" "$root$prefix/$bash_words"
  install -D -m 644 "$work/zsh" "$root$prefix/$zsh_words"
  install -D -m 644 "$work/fish" "$root$prefix/$fish_words"
  install -D -m 644 "$work/unit" "$root$prefix/$unit"
  install -D -m 644 "$work/socket" "$root$prefix/$socket"
}

uninstall_all() {
  local root=$1 prefix=$2
  for f in "$program" "$page" "$bash_words" "$zsh_words" "$fish_words" "$unit" "$socket"; do rm -f -- "$root$prefix/$f"; done
}

what=${1:-}
prefix=${*: -1}
case $prefix in /*) ;; *) fail "PREFIX is an absolute path like /usr/local, not \"$prefix\"" ;; esac
case $what in
install) install_all "$2" "$3" "${4%/}" ;;
uninstall) uninstall_all "$2" "${3%/}" ;;
*) fail "install or uninstall, not \"$what\"" ;;
esac
