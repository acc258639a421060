#!/usr/bin/env bash
# The long fault campaigns: kills, power cuts, full disks, damage, hostile neighbours. Ends with one table. Needs a release build
# (tests/run.sh makes it); strace, faketime and the right to mount widen it. About half an hour on two cores.
#   tests/faults.sh [short]      short: the sizes that tests/run.sh has
set -uo pipefail
cd "$(dirname "$0")/.."
build=${VERNIER_BUILD:-build/release}
export VERNIER="$PWD/$build/vernier"
if [ "${1:-}" != short ]; then
  export VERNIER_FAULTS=full VERNIER_KILLS=1000 VERNIER_CUTS=320 VERNIER_MUTATIONS=500 VERNIER_FLIPS=100 VERNIER_READ_TRIALS=300
fi
log=$build/faults.log
: >"$log"
failed=()
campaign() { # NAME COMMAND...
  local name=$1
  shift
  echo "== $name" | tee -a "$log"
  "$@" >>"$log" 2>&1 || failed+=("$name")
}
campaign "store" "$build/tests/test_store" --test-case='*kills at random*,*64 readers*,*mutations*,*mutated*,*power cuts*,*bit flips*,*lock file was removed*,*full disk*,*network*'
campaign "scheduler" "$build/tests/test_experiments" --test-case='*each error of a device*,*three lanes and 8 random*,*broken at any commit*,*Ctrl-C at any moment*,*hangs*,*says nothing for too long*'
campaign "program, killed at random" python3 tests/program/kill_test.py
campaign "program, faults of the machine" python3 tests/program/faults_test.py
campaign "loop devices" tests/program/power_cut.sh

echo
grep -h 'fault: ' "$log" | sed 's/.*fault: //' | awk -F' [|] ' '
  { rows[NR] = $0; for (i = 1; i <= 2; ++i) if (length($i) > width[i]) width[i] = length($i) }
  END { for (r = 1; r <= NR; ++r) { split(rows[r], f, / [|] /); printf "%-*s  %-*s  %s\n", width[1], f[1], width[2], f[2], f[3] } }'
grep -hE "skipped |SKIPPED" "$log" | sort -u
if [ ${#failed[@]} -gt 0 ]; then
  printf 'FAILED: %s\n' "${failed[@]}"
  echo "see $log"
  exit 1
fi
echo "all campaigns passed"
