#!/usr/bin/env bash
# clang-tidy over the files listed in a file, two at a time, within a time limit; needs build/release/compile_commands.json.
set -euo pipefail
list=${1:?usage: tidy.sh FILE_WITH_NAMES}
limit=${TIDY_SECONDS:-600}
began=$SECONDS
failures=$(mktemp)
trap 'rm -f "$failures"' EXIT
export failures
count=0
while read -r first && { read -r second || second=""; }; do
  if [ $((SECONDS - began)) -gt "$limit" ]; then
    echo "clang-tidy: stopped after $count files ($limit s)"
    break
  fi
  printf '%s\n' $first $second | xargs -P 2 -I{} sh -c 'clang-tidy --quiet --extra-arg=-Wno-unknown-warning-option -p "${TIDY_BUILD:-build/release}" "$1" 2>/dev/null || echo "$1" >>"$failures"' _ {}
  count=$((count + 2))
done <"$list"
if [ -s "$failures" ]; then
  echo "clang-tidy: findings in $(sort -u "$failures" | tr '\n' ' ')"
  exit 1
fi
echo "clang-tidy: no findings"
