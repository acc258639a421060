#!/usr/bin/env bash
# Who may include whom: names the file and the rule broken.
set -euo pipefail
cd "$(dirname "$0")/../.."
folders="core engine search store reports experiments cli"

# shellcheck disable=SC2086
grep -rnE '^#include ["<]' $folders --include='*.h' --include='*.cpp' --include='*.cu' --include='*.cuh' | awk '
  BEGIN {
    # folder -> the folders it may include
    allowed["core"] = "core"
    allowed["engine"] = "engine core"
    allowed["search"] = "search core"
    allowed["store"] = "store core"
    allowed["reports"] = "reports store search core"
    allowed["experiments"] = "experiments search store engine core"
    allowed["cli"] = "cli experiments reports search store engine core"
    # header of a library -> the folder it belongs to
    home["^(cuda|cublas|cudnn|nvrtc)"] = "engine/cuda/"
    home["^sqlite3\\.h"] = "store/sqlite/"
    home["^boost/program_options"] = "cli/"
    home["^yaml-cpp"] = "experiments/study/"
    home["^microhttpd"] = "reports/live/"
  }
  function complain(text) { print "layering: " place ": " text "; found " header; broken = 1 }
  {
    match($0, /^[^:]+:[0-9]+/); place = substr($0, 1, RLENGTH)
    file = place; sub(/:[0-9]+$/, "", file)
    folder = file; sub(/\/.*/, "", folder)
    match($0, /#include ["<][^">]+/); header = substr($0, RSTART + 10, RLENGTH - 10)
    ours = $0 ~ /#include "/
  }
  !ours {
    for (pattern in home) if (header ~ pattern && index(file, home[pattern]) != 1) complain("belongs under " home[pattern] " only")
    next
  }
  header ~ /^[a-z_]+\.(def|inc)$/ || header ~ /^hwy\// { next }  # Highway asks for quotes
  {
    target = header; sub(/\/.*/, "", target)
    if (!(target in allowed)) complain("includes are written from the root of the project")
    else if (index(" " allowed[folder] " ", " " target " ") == 0) complain(folder " may include only: " allowed[folder])
    else if (target == "engine" && index(file, "experiments/library/") == 1) complain("the library for other programs has no engine")
    else if (folder == "reports" && target == "search" && header !~ /^search\/importance\//) complain("reports may include search/importance only")
  }
  END { if (!broken) print "layering: ok"; exit broken }'
