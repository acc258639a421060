#!/usr/bin/env bash
# Installs what is needed, builds the release preset and runs every test. Ends with "N passed, N failed". Can be run again.
set -euo pipefail
cd "$(dirname "$0")/.."
export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros  # one cache for every clone
tests/install.sh test
mkdir -p build
cmake --preset release >build/configure.log 2>&1 || { cat build/configure.log; exit 1; }
cmake --build --preset release

data=build/data
[ -d ../shared/data ] && data="$data:$(cd ../shared/data && pwd)"
export VERNIER_DATA="${VERNIER_DATA:-$data}"

log=build/release/tests.log
status=0
ctest --preset release --no-tests=error --verbose -j 2 >"$log" 2>&1 || status=$?
if [ "$status" -ne 0 ]; then
  tail -n 400 "$log"
fi
grep -E '^ *[0-9]+/[0-9]+ Test ' "$log" || true
tests/structure/count.sh "$log" "$status"
exit "$status"
