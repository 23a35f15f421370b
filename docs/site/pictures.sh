#!/bin/sh
# Writes the page of pictures that the pipelines of `make demo` have made: `pictures.sh OUTPUT FOLDER`.
set -eu
output=$1 folder=$2
mkdir -p "$folder"
{
  echo '# Pictures'
  echo
  echo 'What the pipelines in `pipelines/` make of `sample-data/`, on the machine that made these pages (`make demo`).'
  for run in pretrain landcover change
  do
    [ -d "$output/$run" ] || continue
    printf '\n## pipelines/%s.yaml\n\n' "$run"
    report=$output/$run/runs/latest/report.html
    if [ -e "$report" ]
    then
      cp "$report" "$folder/$run-report.html"
      printf '[The report of the run](%s-report.html), [the file](../../pipelines/%s.yaml).\n' "$run" "$run"
    fi
    for picture in "$output/$run"/products/*/*.png
    do
      [ -e "$picture" ] || continue
      scene=$(basename "$(dirname "$picture")") name=$(basename "$picture")
      cp "$picture" "$folder/$run-$scene-$name"
      printf '\n![%s: %s](%s)\n' "$scene" "${name%.png}" "$run-$scene-$name"
    done
  done
} >"$folder/pictures.md"
