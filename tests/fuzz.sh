#!/usr/bin/env bash
# The fuzz campaign: RUNS executions of each target under libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer, two targets at a time,
# and one table. Needs clang-14, libclang-rt-14-dev and libomp-14-dev. A finding lies in build/fuzz/found.
#   tests/fuzz.sh [RUNS [TARGET...]]      1,000,000 of each; filter study layers database http data imports
set -uo pipefail
cd "$(dirname "$0")/.."
export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros  # one cache for every clone
export runs=${1:-1000000}
shift
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(imports database study http data layers filter)  # the slowest first
cmake --preset fuzz >/dev/null && cmake --build --preset fuzz --target "${targets[@]/#/fuzz_}" || exit 1

campaign() {
  local name=$1 place=build/fuzz/campaign/$1 extra=()
  case $name in
    filter) extra=(-max_len=400) ;;
    study) mkdir -p "$place.seeds" && cp experiments/*.yaml "$place.seeds" && extra=("$place.seeds" -max_len=3000) ;;
    layers) extra=(-max_len=1500) ;;
    database) extra=(-max_len=300 -entropic=0) ;;  # its book-keeping is a sixth of the time
    http) extra=(-max_len=4096) ;;
    imports) extra=(-max_len=2000) ;;
    data) extra=(-max_len=10000 -rss_limit_mb=2048) ;;
  esac
  mkdir -p "$place" build/fuzz/found
  # What SQLite allocates and frees in a moment: short stacks, a short quarantine, no filling.
  ASAN_OPTIONS=malloc_context_size=2:quarantine_size_mb=16:max_malloc_fill_size=0 build/fuzz/tests/fuzz_"$name" "$place" tests/fuzz/corpus/"$name" "${extra[@]}" \
    -runs="$runs" -artifact_prefix=build/fuzz/found/"$name"- -print_final_stats=1 >"$place.log" 2>&1
  local code=$? summary
  summary=$(sed -n 's/^Done \([0-9]*\) runs in \([0-9]*\) .*/\1 executions in \2 s/p' "$place.log" | tail -n 1)
  if [ $code -eq 0 ] && [ -n "$summary" ]; then
    printf '%-10s %s, 0 findings\n' "$name" "$summary"
  else
    printf '%-10s ended with %d, see %s\n' "$name" $code "$place.log"
    return 1
  fi
}
export -f campaign
printf '%s\n' "${targets[@]}" | xargs -P 2 -I {} bash -c 'campaign {}' || { echo "a target has a finding or did not end"; exit 1; }
