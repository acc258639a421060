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
# Unpacked once, whole or not at all. Without it, the tests that need CIFAR-10 say that they are skipped.
cifar=../shared/data/cifar10/make_bin.py
if [ -f "$cifar" ] && [ ! -d build/data/cifar10 ]; then
  echo "data: unpacking CIFAR-10 into build/data/cifar10"
  mkdir -p build/data && rm -rf build/data/cifar10.part
  # Debian's own Python is the one that has Debian's packages.
  /usr/bin/python3 "$cifar" build/data/cifar10.part && mv build/data/cifar10.part build/data/cifar10
fi

log=build/release/tests.log
status=0
ctest --preset release --no-tests=error --verbose -j 2 >"$log" 2>&1 || status=$?
if [ "$status" -ne 0 ]; then
  tail -n 400 "$log"
fi
grep -E '^ *[0-9]+/[0-9]+ Test ' "$log" || true
tests/structure/count.sh "$log" "$status"
exit "$status"
