#!/bin/sh
# Writes what DocC makes of the modules' comments: `modules.sh BUILD FOLDER`.
#
# BUILD is SwiftPM's scratch path of a build; nothing is compiled again. The pages want a web server, at whose root
# FOLDER lies as `modules`.
set -eu
build=$1 folder=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

maps=
for map in Sources/*/module.modulemap "$build"/checkouts/*/Sources/*/include/module.modulemap
do
  [ ! -e "$map" ] || maps="$maps -Xcc -fmodule-map-file=$map"
done
target=$(swiftc -print-target-info | sed -n 's/^ *"triple": "\(.*\)",$/\1/p' | head -n 1)

set --
for module in $(ls Sources)
do
  [ -e "$build/release/Modules/$module.swiftmodule" ] || continue
  mkdir -p "$work/symbols/$module"
  # shellcheck disable=SC2086 # the maps are words
  swift-symbolgraph-extract -module-name "$module" -I "$build/release/Modules" -target "$target" $maps \
    -minimum-access-level package -skip-inherited-docs -output-dir "$work/symbols/$module"
  docc convert --additional-symbol-graph-dir "$work/symbols/$module" --fallback-display-name "$module" \
    --fallback-bundle-identifier "terrane.$module" --fallback-default-module-kind Module --diagnostic-level error \
    --output-path "$work/$module.doccarchive" --hosting-base-path /modules >/dev/null
  set -- "$@" "$work/$module.doccarchive"
done
[ "$#" -gt 0 ] || {
  echo "modules.sh: no module of Sources was built in $build" >&2
  exit 1
}
rm -rf "$folder"
docc merge "$@" --synthesized-landing-page-name terrane --synthesized-landing-page-kind Modules \
  --synthesized-landing-page-topics-style list --output-path "$folder"
