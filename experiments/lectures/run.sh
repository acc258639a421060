#!/usr/bin/env bash
# Runs lectures: every study of each into one database, a page a lecture, an index page, and the table of verdicts. See README.md.
set -uo pipefail
from=$PWD
cd "$(dirname "$0")/../.."
here=experiments/lectures
usage() {
  cat <<'TEXT'
usage: experiments/lectures/run.sh [NAME...] [--short] [--out DIR] [--jobs N] [--check]
  NAME...    lectures of experiments/lectures/registry.txt (default: all there are)
  --short    small data, few epochs, three seeds: minutes, for a first look and for tests
  --out DIR  where lectures.db, NAME.html and index.html go (default build/lectures, with --short build/lectures-short)
  --jobs N   trials at a time (default 2)
  --check    reads every study and says what it will do, runs nothing
  --list     names and titles, then ends
The same command continues a run that was killed. Exit 1: a study failed; 2: wrong usage; 130, 143: interrupted.
VERNIER names the program (default build/release/vernier, else build/quickstart/vernier), VERNIER_DATA the folders of the data sets.
TEXT
}
refuse() { echo "[lectures] $1" >&2 && exit 2; }

short="" out="" jobs=2 check="" names=()
while [ $# -gt 0 ]; do
  case $1 in
    --short) short=yes ;;
    --out) [ -n "${2:-}" ] || refuse "--out without a folder" && out=$2 && shift ;;
    --jobs) [[ "${2:-}" =~ ^[1-9][0-9]*$ ]] || refuse "--jobs '${2:-}'; expected a whole number from 1" && jobs=$2 && shift ;;
    --check) check=yes ;;
    --list) cat $here/registry.txt && exit 0 ;;
    --help | -h) usage && exit 0 ;;
    -*) refuse "unknown option '$1'; see --help" ;;
    *) names+=("$1") ;;
  esac
  shift
done
mapfile -t registered < <(awk 'NF { print $1 }' $here/registry.txt)
for name in "${names[@]}"; do
  printf '%s\n' "${registered[@]}" | grep -Fqx -- "$name" || refuse "unknown lecture '$name'; expected one of: ${registered[*]}"
done
if [ ${#names[@]} -eq 0 ]; then names=("${registered[@]}"); fi

vernier=${VERNIER:-build/release/vernier}
if [ -z "${VERNIER:-}" ] && [ ! -x "$vernier" ]; then vernier=build/quickstart/vernier; fi
[ -x "$vernier" ] || refuse "no program at '$vernier'; expected one built by tests/run.sh or experiments/quickstart.sh, or VERNIER=PATH"
data=build/data
if [ -d ../shared/data ]; then data="$data:$(cd ../shared/data && pwd)"; fi
export VERNIER_DATA="${VERNIER_DATA:-$data}"
out=${out:-$PWD/build/lectures${short:+-short}}
[[ "$out" = /* ]] || out=$from/$out
mkdir -p "$out" || exit 1
db=$out/lectures.db log=$out/lectures.log
export VERNIER=$vernier LECTURES_DB=$db  # of the programs that studies run
[[ "$VERNIER" = /* ]] || VERNIER=$PWD/$VERNIER

# What a study needs and is not there; nothing where all is.
missing() { # FILE
  local set file dir found
  for set in $(grep -Eho '^[^#]*\bset: *[^#]*' "$1" | grep -Eo '\b(mnist|fashion_mnist|cifar10|cifar100|svhn)\b' | sort -u) \
    $(sed -nE 's/^[^#]*\bfile: *([A-Za-z0-9_.-]+\.csv).*/\1/p' "$1"); do
    case $set in
      mnist | fashion_mnist) file="$set/train-images*" ;;
      cifar10) file="cifar10/data_batch_1.bin" ;;
      cifar100) file="cifar100/train.bin" ;;
      svhn) file="svhn/train_32x32.mat" ;;
      *.csv) file="tables/$set" ;;
    esac
    found=""
    IFS=: read -ra dirs <<<"$VERNIER_DATA"
    for dir in "${dirs[@]}" "${HOME:-}/.local/share/vernier"; do
      if compgen -G "$dir/$file" >/dev/null; then found=yes; fi
    done
    [ -n "$found" ] || echo "no $file under VERNIER_DATA=$VERNIER_DATA"
  done
  if grep -Eq '^[^#]*\bdevices: *"?gpu' "$1" && ! "$vernier" doctor --json 2>/dev/null | grep -Eq '"gpu": *true'; then echo "no GPU"; fi
}

# The overrides of the short form as options, one a line.
short_options() { # FILE
  local settings first rest
  settings=$(dirname "$1")/short
  [ -n "$short" ] && [ -f "$settings" ] || return 0
  while read -r first rest; do
    case $first in
      "" | \#*) ;;
      *.yaml) [ "$first" != "$(basename "$1")" ] || printf -- '--set\n%s\n' "$rest" ;;
      *) printf -- '--set\n%s\n' "$first${rest:+ $rest}" ;;
    esac
  done <"$settings"
}

failed=() skipped=() ran=0 seconds_before=$SECONDS
run_study() { # FILE [--as NAME OPTION...]
  local absent options began=$SECONDS status=0 name=${3:-${1#"$here"/}}
  absent=$(missing "$1" | head -n 1)
  if [ -n "$absent" ]; then
    skipped+=("$name: $absent") && printf '  %-44s skipped: %s\n' "$name" "$absent" && return
  fi
  mapfile -t options < <(short_options "$1")
  options+=("${@:2}")
  echo "== $1 ${options[*]}" >>"$log"
  if [ -n "$check" ]; then options=(check "$1" "${options[@]}"); else options=(run "$1" --deterministic "${options[@]}"); fi
  "$vernier" "${options[@]}" --db "$db" --jobs "$jobs" >>"$log" 2>"$out/stderr" || status=$?
  cat "$out/stderr" >>"$log"
  case $status in
    0) ran=$((ran + 1)) && printf '  %-44s %4d s\n' "$name" $((SECONDS - began)) ;;
    130 | 143) echo "interrupted; the same command continues" >&2 && exit $status ;;
    *) failed+=("$name") && printf '  %-44s FAILED (exit %d): %s\n' "$name" $status "$(grep -v '^$' "$out/stderr" | tail -n 1)" ;;
  esac
}

# A study run several times under names of its own: "FILE.yaml [SUFFIX [KEY=VALUE...]]" a line, each with the seeds 1 to 5 (3 in the short form).
run_variants() { # FILE
  local file suffix settings study seed setting options seeds="1 2 3 4 5"
  [ -z "$short" ] || seeds="1 2 3"
  [ -z "$check" ] || seeds=${seeds##* }  # the others differ by nothing that is read
  study=$(sed -nE 's/^study: *([^ #]+).*/\1/p' "$1")
  while read -r file suffix settings; do
    [ "$file" = "$(basename "$1")" ] || continue
    for seed in $seeds; do
      options=(--as "$study${suffix:+-$suffix}-$seed" --seed "$seed")
      for setting in $settings; do options+=(--set "$setting"); done
      run_study "$1" "${options[@]}"
    done
  done <"$(dirname "$1")/variants"
}

# Studies of a lecture that are in the database: NAME and NAME-PART.
studies_of() { # NAME
  "$vernier" query "SELECT DISTINCT study FROM trials WHERE study = '$1' OR study LIKE '$1-%' ORDER BY study" --db "$db" --json |
    grep -Eo '"study": *"[^"]*"' | sed -E 's/.*: *"(.*)"/\1/'
}

for name in "${names[@]}"; do
  compgen -G "$here/$name/*.yaml" >/dev/null || continue
  echo "$name"
  if [ -f "$here/$name/prepare" ] && [ -z "$check" ]; then
    if ! sh "$here/$name/prepare" "$out" ${short:+short} >>"$log" 2>"$out/stderr"; then
      failed+=("$name/prepare") && echo "  prepare FAILED: $(tail -n 1 "$out/stderr")" && continue
    fi
  fi
  for file in "$here/$name"/*.yaml; do
    if grep -Eqs "^$(basename "$file")( |$)" "$here/$name/variants"; then run_variants "$file"; else run_study "$file"; fi
  done
done
rm -f "$out/stderr"

# The verdicts of a lecture as its page says them: claims over studies are judged by the studies of one lecture.
verdicts_of() { # TITLE STUDY...
  printf '\n%s\n' "$1"
  "$vernier" claims "${@:2}" --db "$db" || failed+=("claims of $1")
}

pages=() all=() verdicts=$out/verdicts.txt
if [ -z "$check" ] && [ -f "$db" ]; then
  : >"$verdicts"
  for name in "${registered[@]}"; do
    mapfile -t studies < <(studies_of "$name")
    [ ${#studies[@]} -gt 0 ] || continue
    title=$(awk -v name="$name" '$1 == name { sub(/^[^ ]+ +/, ""); print }' $here/registry.txt)
    "$vernier" report "${studies[@]}" --db "$db" -o "$out/$name.html" --title "$title" >>"$log" 2>&1 || failed+=("$name.html")
    verdicts_of "$title" "${studies[@]}" >>"$verdicts"
    all+=("${studies[@]}")
    for study in "${studies[@]}"; do pages+=(--page "$study=$name.html"); done
    pages+=(--heading "$name.html=$title")
  done
fi
count() { grep -c -- "^[^ ]*: $1: " "$verdicts"; }
status=0
if [ -n "$check" ]; then
  echo "$ran studies read, ${#skipped[@]} skipped, ${#failed[@]} failed"
elif [ ${#all[@]} -gt 0 ]; then
  "$vernier" report "${all[@]}" --claims --db "$db" -o "$out/index.html" --title "The lectures as experiments" "${pages[@]}" \
    >>"$log" 2>&1 || failed+=("index.html")
  cat "$verdicts"
  echo
  echo "$ran studies in $((SECONDS - seconds_before)) s, ${#skipped[@]} skipped, ${#failed[@]} failed; pages: $out/index.html"
  echo "claims: $(count supported) supported, $(count contradicted) contradicted, $(count undecided) undecided ($verdicts)"
else
  echo "no study ran, ${#skipped[@]} skipped, ${#failed[@]} failed"
fi
if [ ${#failed[@]} -gt 0 ]; then printf 'FAILED: %s (see %s)\n' "${failed[*]}" "$log" >&2 && status=1; fi
exit $status
