#!/usr/bin/env bash
# Every file of a variant folder is in its table, and every entry of a table has its file.
set -u
cd "$(dirname "$0")/../.."
broken=0

# check TABLE FOLDER [SHARED FILES...]: an entry's first argument names its file; NAME_part.cpp belongs to NAME.
check() {
  local table=$1 folder=$2 names files
  shift 2
  names=$(grep -oE '^[A-Z_]+\(("?[A-Za-z0-9_-]+"?)' "$table" | sed -E 's/^[A-Z_]+\("?//; s/"$//; s/-/_/g' | sort -u)
  files=$(find "$folder" -maxdepth 1 -name '*.cpp' -printf '%f\n' | sed 's/\.cpp$//' | sort)
  for extra in $(comm -13 <(echo "$names") <(echo "$files")); do
    [[ " $* " == *" $extra "* ]] && continue
    grep -qx "${extra%_*}" <<<"$names" && continue
    echo "registration: $folder/$extra.cpp has no line in its table"
    broken=1
  done
  for extra in $(comm -23 <(echo "$names") <(echo "$files")); do
    echo "registration: the table of $folder names '$extra', but there is no $folder/$extra.cpp"
    broken=1
  done
}
check <(sed 's/(new_study/(new/' cli/commands.def) cli/commands
check search/samplers.def search/samplers
check search/strategies.def search/strategies
check engine/models/models.def engine/models registry residual_blocks stack
check engine/recorded/recorded.def engine/recorded bins grid pictures registry
check engine/data/sources/sources.def engine/data/sources generated
check reports/plots/plots.def reports/plots plot
check store/exports/exports.def store/exports exports csv_cell event_file facts picture
[ "$broken" = 0 ] && echo "registration: ok"
exit "$broken"
