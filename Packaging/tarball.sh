#!/bin/sh
# Makes an archive to unpack anywhere: tarball.sh PROGRAM CHECKOUTS DIRECTORY. It runs where the libraries of
# the system that it was built on are installed; its README says which.
set -eu
program=$1 checkouts=$2 directory=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
version=$("$program" --version | head -n 1)
# shellcheck disable=SC1091
release=$(. /etc/os-release && echo "${ID:-linux}${VERSION_ID:-}")
name=terrane-$version-$release-$(uname -m)
sh Packaging/stage.sh "$program" "$checkouts" "$work/" "$name"
library=$(sh Packaging/gdal-library.sh "$program")
{
  echo "terrane $version, built on $release. Put bin/ on PATH; share/ has manual pages, completions, examples, documentation."
  echo "It needs these libraries, by the names of that system:"
  echo "  $(basename "$library")"
  objdump -p "$work/$name/bin/terrane" | sed -n 's/^ *NEEDED */  /p'
} >"$work/$name/README"
mkdir -p "$directory"
tar --create --gzip --file "$directory/$name.tar.gz" --directory "$work" --owner=0 --group=0 --sort=name --mtime=@0 "$name"
echo "$directory/$name.tar.gz"
