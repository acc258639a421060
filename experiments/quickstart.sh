#!/usr/bin/env bash
# From nothing to a first answer on a fresh Debian 12: installs what is needed, builds, searches width, depth and learning rate of a network on
# the built-in digits, asks the database a question and writes report.html. Can be run again: the finished search is kept.
set -euo pipefail
cd "$(dirname "$0")/.."
export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros  # one cache for every clone
say() { printf '\n\033[1m%s\033[0m\n' "$1"; }
[ -t 1 ] || say() { printf '\n%s\n' "$1"; }

say "1. packages"
tests/install.sh build

say "2. build"
cmake --preset release -DBUILD_TESTING=OFF -B build/quickstart >build-configure.log 2>&1 || { cat build-configure.log; rm -f build-configure.log; exit 1; }
rm -f build-configure.log
cmake --build build/quickstart --target vernier
vernier=build/quickstart/vernier

say "3. search: width, depth and learning rate on the built-in digits"
$vernier run experiments/digits_mlp.yaml --db quickstart.db

say "4. ask: how good are deep networks with a small learning rate?"
$vernier query 'model.depth >= 2 and train.lr < 0.01 order by val_acc desc limit 5' --study digits-mlp --db quickstart.db
$vernier query 'group by model.depth: mean(val_acc), count' --study digits-mlp --db quickstart.db

say "5. report"
$vernier report digits-mlp --db quickstart.db -o report.html
echo "Open report.html in a browser. More: $vernier top digits-mlp --db quickstart.db; $vernier --help"
