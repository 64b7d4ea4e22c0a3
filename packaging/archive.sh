#!/usr/bin/env bash
# Packs a built binary with its man pages, completions and licences: archive.sh TARGET FOLDER-OF-THE-BINARY FOLDER
set -euo pipefail

target=$1 built=$2 out=$3
cd "$(dirname "$0")/.."
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
name=pgassay-$version-$target
mkdir -p "$out/$name"
binary=pgassay
if [[ $target == *windows* ]]; then binary=pgassay.exe; fi
cp "$built/$binary" README.md CHANGELOG.md LICENSE-APACHE LICENSE-MIT "$out/$name/"
cp -R packaging/wheel/data/share "$out/$name/share"
cd "$out"
if [[ $target == *windows* ]]; then
  archive=$name.zip
  7z a -bso0 "$archive" "$name"
else
  archive=$name.tar.gz
  tar -czf "$archive" "$name"
fi
rm -r "$name"
if command -v sha256sum > /dev/null; then
  sha256sum "$archive" > "$archive.sha256"
else
  shasum -a 256 "$archive" > "$archive.sha256"
fi
