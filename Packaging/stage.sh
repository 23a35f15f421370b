#!/bin/sh
# Lays out what is installed: stage.sh PROGRAM CHECKOUTS TREE PREFIX. The program is stripped; where GDAL's
# library is not here (a build for elsewhere) nothing but its own help is asked of it.
set -eu
program=$1 checkouts=$2 tree=$3 prefix=$4
root=$tree$prefix
share=$root/share
version=$("$program" --version | head -n 1)

install -d "$root/bin" "$share/man/man1" "$share/bash-completion/completions" "$share/zsh/site-functions" \
  "$share/fish/vendor_completions.d" "$share/doc/terrane/examples"
install -m 755 "$program" "$root/bin/terrane"
strip "$root/bin/terrane"
"$program" --generate-completion-script bash >"$share/bash-completion/completions/terrane"
"$program" --generate-completion-script zsh >"$share/zsh/site-functions/_terrane"
"$program" --generate-completion-script fish >"$share/fish/vendor_completions.d/terrane.fish"

"$program" --experimental-dump-help | python3 Packaging/manual.py "$version" "$share/man/man1"
gzip -9nf "$share/man/man1"/*.1

cp README.md CHANGELOG.md "$share/doc/terrane/"
cp -R docs "$share/doc/terrane/"
cp -R pipelines sample-data "$share/doc/terrane/examples/"

# What the program holds of others, and under which terms.
{
  cat Packaging/copyright
  swift=$(dirname "$(dirname "$(command -v "${SWIFT:-swift}")")")/share/swift/LICENSE.txt
  for file in LICENSE "$swift" "$checkouts"/*/LICENSE*
  do
    [ -e "$file" ] || continue
    case $file in
      LICENSE) name=terrane ;;
      "$swift") name="the Swift runtime and Foundation" ;;
      *) name=$(basename "$(dirname "$file")") ;;
    esac
    printf '\n---- %s ----\n\n' "$name"
    cat "$file"
  done
} >"$share/doc/terrane/copyright"
chmod -R u=rwX,go=rX "$tree"
