#!/bin/sh
# Makes a Debian package for the system it runs on: deb.sh PROGRAM CHECKOUTS DIRECTORY. What the package
# depends on follows from the libraries that the program is linked with, and from GDAL, which it loads by
# name.
set -eu
program=$1 checkouts=$2 directory=$3
for tool in dpkg-deb dpkg-shlibdeps
do
  command -v "$tool" >/dev/null || {
    echo "package: there is no $tool: apt-get install dpkg-dev" >&2
    exit 1
  }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/tree
sh Packaging/stage.sh "$program" "$checkouts" "$tree" /usr

version=$("$program" --version | head -n 1)
# shellcheck disable=SC1091
release=$(. /etc/os-release && echo "${ID:-linux}${VERSION_ID:-}")
architecture=$(dpkg --print-architecture)

# dpkg-shlibdeps wants a source package around it.
mkdir -p "$work/debian"
printf 'Source: terrane\n\nPackage: terrane\nArchitecture: any\n' >"$work/debian/control"
linked=$(cd "$work" && dpkg-shlibdeps -O "$tree/usr/bin/terrane" 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
[ -n "$linked" ] || {
  echo "package: dpkg-shlibdeps finds no dependencies of $program" >&2
  exit 1
}
# Several packages have OpenBLAS; any will do.
linked=$(printf '%s' "$linked" | sed 's/libopenblas0-[a-z]*\( ([^)]*)\)\{0,1\}/libopenblas0/; s/, libopenblas0 | libopenblas0/, libopenblas0/')
library=$(sh Packaging/gdal-library.sh "$program")
loaded=$(dpkg-query -S "$(readlink -f "$library")" | cut -d: -f1)
[ -n "$loaded" ] || {
  echo "package: no Debian package holds $library" >&2
  exit 1
}

mkdir -p "$tree/DEBIAN"
cat >"$tree/DEBIAN/control" <<CONTROL
Package: terrane
Version: $version
Architecture: $architecture
Maintainer: terrane
Section: science
Priority: optional
Installed-Size: $(du -sk "$tree/usr" | cut -f1)
Depends: $linked, $loaded
Description: transfer learning on satellite scenes as one batch command
 terrane maps land cover and its changes from satellite scenes with networks that learned elsewhere. One pipeline file says what
 there is; the same command runs every night and works on what is new.
CONTROL
mkdir -p "$directory"
package=$directory/terrane_${version}_${release}_$architecture.deb
dpkg-deb --root-owner-group --build "$tree" "$package" >/dev/null
echo "$package"
