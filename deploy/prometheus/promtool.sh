#!/usr/bin/env bash
# Prints where promtool is: on the PATH, or in the user's cache, where Debian's package of Prometheus is unpacked once. It is not installed,
# so that no server is started with it.
set -euo pipefail

if command -v promtool; then exit; fi
cache="${XDG_CACHE_HOME:-$HOME/.cache}/kopilka"
if [ ! -x "$cache/promtool" ]; then
  folder="$(mktemp -d)"
  trap 'rm -rf "$folder"' EXIT
  cd "$folder"
  apt-get download -qq prometheus >/dev/null 2>&1 ||
    (apt-get update -qq && apt-get download -qq prometheus) >/dev/null 2>&1
  dpkg-deb -x prometheus_*.deb .
  mkdir -p "$cache"
  cp usr/bin/promtool "$cache/promtool.$$"
  mv "$cache/promtool.$$" "$cache/promtool"
fi
echo "$cache/promtool"
