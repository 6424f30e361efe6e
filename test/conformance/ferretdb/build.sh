#!/usr/bin/env bash
# Builds FerretDB once into the user's cache and prints where it is. Needs Go, and the Go module proxy the first time.
set -euo pipefail
cd "$(dirname "$0")"

# The name that binary.ts looks for: another version, or another main.go, is another binary.
binary="${XDG_CACHE_HOME:-$HOME/.cache}/kopilka/ferretdb-$(cat go.mod go.sum main.go | sha256sum | cut -c1-16)"
if [ ! -x "$binary" ]; then
  mkdir -p "$(dirname "$binary")"
  CGO_ENABLED=0 go build -mod=readonly -trimpath -o "$binary.$$" .
  mv "$binary.$$" "$binary"
fi
echo "$binary"
