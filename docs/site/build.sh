#!/bin/sh
# Writes the documentation as static pages: `build.sh BUILD OUTPUT SITE`, from the repository's root.
#
# BUILD is SwiftPM's scratch path, OUTPUT has what `make demo` made, SITE is written anew. Files of a page keep their
# paths, so that links lead where they lead in the repository.
set -eu
build=$1 output=$2 site=$3
next=$site.part
tab=$(printf '\t')
rm -rf "$next"
mkdir -p "$next/docs"
trap 'rm -rf "$next"' EXIT

cp docs/site/style.css "$next/"
cp docs/*.png docs/*.jpg "$next/docs/"
mkdir -p "$next/pipelines"
cp pipelines/*.yaml "$next/pipelines/"
sh docs/site/modules.sh "$build" "$next/modules"
sh docs/site/pictures.sh "$output" "$next/docs/site"

# Where a page of the repository lies in the site.
place() { printf '%s' "$1" | sed -e 's/README\.md$/index.html/' -e 's/\.md$/.html/'; }

decisions() { # the records that the list of decisions leads to; they are not in the menu
  for record in docs/decisions/0*.md
  do
    printf '%s\t%s\t%s\n' - "$record" "$(sed -n '1s/^# *//p' "$record")"
  done
}

{ cat docs/site/pages; decisions; } >"$next/pages"
while IFS=$tab read -r _ page _
do
  [ -e "$page" ] || page=$next/$page
  [ -e "$page" ] || { echo "docs: there is no $page" >&2; exit 1; }
done <"$next/pages"
for page in docs/*.md
do
  grep -q "$tab$page$tab" docs/site/pages || { echo "docs: the menu of docs/site/pages lacks $page" >&2; exit 1; }
done
# Pages link to pages that are written after them: all are there, empty, before the first.
while IFS=$tab read -r _ page _
do
  mkdir -p "$next/$(dirname "$page")"
  : >"$next/$(place "$page")"
done <"$next/pages"

menu() ( # the menu of a page: its path, and the way up from it to the site's root
  section=
  while IFS=$tab read -r in page title
  do
    [ "$in" != - ] || continue
    if [ "$in" != "$section" ]
    then
      [ -z "$section" ] || echo '</ul>'
      printf '<h2>%s</h2>\n<ul>\n' "$in"
      section=$in
    fi
    here=
    [ "$page" != "$1" ] || here=' aria-current="page"'
    printf '<li><a href="%s%s"%s>%s</a></li>\n' "$2" "$(place "$page")" "$here" "$title"
  done <"$next/pages"
  printf '<li><a href="%smodules/documentation/">Modules</a></li>\n</ul>\n' "$2"
)

while IFS=$tab read -r _ page title
do
  source=$page
  [ -e "$source" ] || source=$next/$page
  root=$(printf '%s' "$page" | sed -e 's|[^/]*$||' -e 's|[^/]*/|../|g')
  menu "$page" "$root" >"$next/menu"
  PAGE=$page SITE=$next pandoc "$source" --from gfm --to html5 --standalone --template docs/site/page.html \
    --lua-filter docs/site/links.lua --metadata "title=$title" --variable "root=$root" \
    --variable "pages=$(cat "$next/menu")" --toc --toc-depth 3 --output "$next/$(place "$page")"
done <"$next/pages"

# A link that leads nowhere is an error of the docs.
broken=$next/broken
: >"$broken"
while IFS=$tab read -r _ page _
do
  written=$(place "$page")
  grep -o 'href="[^"]*"' "$next/$written" | sed -e 's/^href="//' -e 's/"$//' | sort -u | while IFS= read -r link
  do
    case $link in *:*) continue ;; esac
    path=${link%%#*} anchor=
    case $link in *'#'*) anchor=${link#*#} ;; esac
    if [ -n "$path" ]; then file=$next/$(dirname "$written")/$path; else file=$next/$written; fi
    if [ ! -e "$file" ]
    then
      echo "$page: $link"
    elif [ -n "$anchor" ] && ! grep -q "id=\"$anchor\"" "$file"
    then
      echo "$page: $link (no such heading)"
    fi
  done >>"$broken"
done <"$next/pages"
if [ -s "$broken" ]
then
  sed 's/^/docs: leads nowhere: /' "$broken" >&2
  exit 1
fi
rm -f "$broken" "$next/menu" "$next/pages" "$next/docs/site/pictures.md"
rm -rf "$site"
mv "$next" "$site"
trap - EXIT
