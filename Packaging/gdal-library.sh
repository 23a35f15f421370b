#!/bin/sh
# Prints the path of the GDAL library that a program was built with, which it loads by name: gdal-library.sh
# PROGRAM. The library's number counts GDAL's releases: 32 for 3.6.
set -eu
release=$("$1" --version | sed -n 's/^rasters: GDAL 3\.\([0-9]*\).*/\1/p')
[ -n "$release" ] || {
  echo "package: '$1 --version' names no GDAL: $("$1" --version | sed -n 's/^rasters: //p')" >&2
  exit 1
}
name=libgdal.so.$((26 + release))
# Not on the PATH of every user.
PATH=$PATH:/usr/sbin:/sbin
path=$(ldconfig -p | sed -n "s/^[[:space:]]*$name (.*=> //p" | head -n 1)
[ -n "$path" ] || {
  echo "package: the loader finds no $name" >&2
  exit 1
}
echo "$path"
