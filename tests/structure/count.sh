#!/usr/bin/env bash
# Adds up the test cases in a verbose ctest log (doctest, unittest, pytest, node's runner, tests/browser, checks) and prints "N passed, N failed, N skipped".
#   count.sh LOG STATUS      a failed ctest entry counts at least once, so that a crash is never "0 failed"
set -euo pipefail
sed -E 's/^[0-9]+: //; s/\x1b\[[0-9;]*m//g' "$1" | awk -v status="$2" '
  /^\[doctest\] test cases:/ { for (i = 1; i <= NF; ++i) { if ($(i + 1) ~ /^passed/) passed += $i; if ($(i + 1) ~ /^failed/) failed += $i } }
  /^Ran [0-9]+ tests? in/ { ran = $2 }
  /^(OK|FAILED)( \(.*\))?$/ {
    bad = 0; skip = 0; text = $0
    while (match(text, /(failures|errors|skipped)=[0-9]+/)) {
      split(substr(text, RSTART, RLENGTH), part, "=")
      if (part[1] == "skipped") skip += part[2]; else bad += part[2]
      text = substr(text, RSTART + RLENGTH)
    }
    passed += ran - bad - skip; failed += bad; skipped += skip; ran = 0
  }
  /^([0-9]+ [a-z]+, )*[0-9]+ [a-z]+ in [0-9.]+s/ {  # pytest
    for (i = 1; i < NF; ++i) { if ($(i + 1) ~ /^passed/) passed += $i; if ($(i + 1) ~ /^(failed|errors?)/) failed += $i; if ($(i + 1) ~ /^skipped/) skipped += $i }
  }
  /^# pass [0-9]+$/ { passed += $3 }
  /^# fail [0-9]+$/ { failed += $3 }
  /^ok      / { ++passed }  # tests/browser
  /^FAILED  / { ++failed }
  /^(layering|registration|errors): ok$/ { ++passed }
  /^SKIPPED: / { ++skipped }
  /\*\*\*(Failed|Timeout|Exception|Not Run)/ { ++entries }
  END {
    if (failed < entries) failed = entries
    if (status != 0 && failed == 0) failed = 1
    printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
  }'
