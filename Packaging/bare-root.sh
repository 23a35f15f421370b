#!/bin/sh
# Installs the package in a bare root of this Debian release, without any toolchain, and makes a first map
# there: bare-root.sh PACKAGE ROOT. Needs root and debootstrap.
set -eu
package=$1 root=$2
[ "$(id -u)" = 0 ] || {
  echo "package-test: chroot needs root" >&2
  exit 1
}
command -v debootstrap >/dev/null || {
  echo "package-test: there is no debootstrap: apt-get install debootstrap" >&2
  exit 1
}
# shellcheck disable=SC1091
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
# The mirror that this machine's own packages come from.
mirror=$(apt-get indextargets --format '$(SITE)' "Codename: $codename" "Created-By: Packages" | head -n 1)
if [ ! -e "$root/.bootstrapped" ]
then
  rm -rf "$root"
  debootstrap --variant=minbase "$codename" "$root" "$mirror" >"$root.log" 2>&1 || {
    tail -n 20 "$root.log" >&2
    exit 1
  }
  : >"$root/.bootstrapped"
fi
for tool in swift gcc cc python3
do
  # One at a time: dash looks at the first name only.
  if chroot "$root" sh -c "command -v $tool" >/dev/null
  then
    echo "package-test: the root is not bare, it has $tool" >&2
    exit 1
  fi
done
# Name resolution of this machine, for apt.
cp /etc/resolv.conf /etc/hosts "$root/etc/" 2>/dev/null || :
for file in /etc/apt/apt.conf.d/*
do
  case $file in *proxy*) cp "$file" "$root/etc/apt/apt.conf.d/" ;; esac
done
mount --bind /proc "$root/proc"
trap 'umount "$root/proc"' EXIT
cp "$package" "$root/tmp/terrane.deb"
chroot "$root" sh -ec '
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends /tmp/terrane.deb >/dev/null
  terrane --version
  cd /tmp
  rm -rf first
  mkdir first
  cp -R /usr/share/doc/terrane/examples/sample-data first/
  cd first
  terrane init --scene sample-data/region-b/optical/s2_2023-09-02.tif \
    --labels sample-data/region-b/few-labels.geojson >map.yaml
  terrane validate map.yaml
  terrane run map.yaml --set fine-tune.epochs=2
  ls output/*/products/*/*.tif
'
