#!/usr/bin/env bash
# Installs what is needed, builds the release preset and runs every test. Ends with "N passed, N failed".
#   tests/run.sh            can be run again
set -uo pipefail
cd "$(dirname "$0")/.."
set -e
tests/install.sh test
cmake --preset release >build-configure.log 2>&1 || { cat build-configure.log; rm -f build-configure.log; exit 1; }
rm -f build-configure.log
cmake --build --preset release
set +e

data=build/data
[ -d ../shared/data ] && data="$data:$(cd ../shared/data && pwd)"
export VERNIER_DATA="${VERNIER_DATA:-$data}"

log=build/release/ctest.log
ctest --preset release --no-tests=error 2>&1 | tee "$log"
status=${PIPESTATUS[0]}
# Every ctest entry is one line "i/n Test #i: name ... Passed"; the skipped are named by ctest above.
passed=$(grep -cE '^ *[0-9]+/[0-9]+ Test +#.* Passed' "$log")
skipped=$(grep -cE '^ *[0-9]+/[0-9]+ Test +#.*\*\*\*Skipped' "$log")
failed=$(grep -cE '^ *[0-9]+/[0-9]+ Test +#.*(\*\*\*|Exception)' "$log")
failed=$((failed - skipped))
echo "$passed passed, $failed failed, $skipped skipped"
exit "$status"
