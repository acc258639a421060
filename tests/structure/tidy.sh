#!/usr/bin/env bash
# clang-tidy over the files listed in a file, within a time limit; needs build/asan/compile_commands.json (release has precompiled headers of gcc). Prints its findings and how many
# files it came to; the exit code is 0 whatever it found.
#   tidy.sh FILE_WITH_NAMES [SECONDS]
set -uo pipefail
list=${1:?usage: tidy.sh FILE_WITH_NAMES [SECONDS]}
limit=${2:-300}
findings=$(mktemp)
done_list=$(mktemp)
trap 'rm -f "$findings" "$done_list"' EXIT
export findings done_list
timeout "$limit" xargs -P "$(nproc)" -I{} sh -c '
  clang-tidy --quiet --extra-arg=-Wno-unknown-warning-option -p build/asan "$1" 2>/dev/null | grep -E "(warning|error):" >>"$findings"
  echo "$1" >>"$done_list"' _ {} <"$list"
sort -u "$findings"
echo "clang-tidy: $(sort -u "$findings" | wc -l) findings in $(wc -l <"$done_list") of $(wc -l <"$list") files"
