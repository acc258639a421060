#!/usr/bin/env bash
# Tests and measures training on a GPU, from a built tree or from a bundle; within 10 minutes, without a package registry.
#   tests/gpu.sh                 on a machine with a GPU: conformance, a search with many trials at once, figures; one table, exit 1 on any failure
#   tests/gpu.sh --bundle DIR    on any machine: DIR/gpu.sh and DIR/vernier-gpu.tar.xz for a machine with a GPU (from build/release)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
most=$((60 * 1024 * 1024)) # bytes of the archive
most_seconds=570           # of all tests

fail() {
  echo "gpu.sh: $*" >&2
  exit 1
}

# What a program needs beside glibc and CUDA.
libraries() {
  ldd "$@" | awk '$2 == "=>" && $3 ~ /^\// {print $3}' | sort -u |
    grep -vE '/(libc|libm|libdl|libpthread|librt|libresolv|ld-linux[^/]*)\.so' | grep -vE '/lib(cuda|cudart|cublas|cublasLt|cudnn|nvrtc)[^/]*\.so'
}

bundle() {
  local dir=$1 root build
  root=$(cd "$here/.." && pwd)
  build=$root/build/release
  for file in vernier libvernier_cuda.so tests/test_engine; do
    [ -f "$build/$file" ] || fail "no $build/$file; build preset release where nvcc and the CUDA libraries are found (engine/cuda/get_libs.sh)"
  done
  mkdir -p "$dir"
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mkdir -p "$work/vernier-gpu/lib" "$work/vernier-gpu/data"
  for file in vernier libvernier_cuda.so tests/test_engine; do
    cp "$build/$file" "$work/vernier-gpu/"
    strip "$work/vernier-gpu/$(basename "$file")"
  done
  libraries "$build/vernier" "$build/libvernier_cuda.so" "$build/tests/test_engine" | while read -r library; do
    cp -L "$library" "$work/vernier-gpu/lib/"
    strip "$work/vernier-gpu/lib/$(basename "$library")"
  done
  cp "$here/gpu/search.yaml" "$work/vernier-gpu/"
  local shared=$root/../shared found
  for peer in torch_step.py jax_lanes.py; do
    if [ -f "$shared/bench/engine/$peer" ]; then cp "$shared/bench/engine/$peer" "$work/vernier-gpu/"; fi
  done
  IFS=: read -ra folders <<<"${VERNIER_DATA:-$shared/data}"
  for found in "${folders[@]}"; do
    if [ -d "$found/mnist" ] && [ ! -d "$work/vernier-gpu/data/mnist" ]; then cp -rL "$found/mnist" "$work/vernier-gpu/data/"; fi
  done
  tar -C "$work" -cf - vernier-gpu | xz -T0 -3 >"$dir/vernier-gpu.tar.xz"
  cp "$here/gpu.sh" "$dir/gpu.sh"
  local bytes
  bytes=$(stat -c %s "$dir/vernier-gpu.tar.xz")
  [ "$bytes" -le "$most" ] || fail "$dir/vernier-gpu.tar.xz has $bytes bytes; expected at most $most"
  echo "$dir/vernier-gpu.tar.xz: $bytes bytes; copy $dir to a machine with a GPU and run gpu.sh there"
}

if [ "${1:-}" = --bundle ]; then
  [ $# = 2 ] || fail "expected --bundle DIR"
  bundle "$2"
  exit
fi
[ $# = 0 ] || fail "unknown '$1'; expected nothing, or --bundle DIR"

# Where the programs are: beside this script in the archive, or in the tree.
home=
if [ -f "$here/vernier-gpu.tar.xz" ]; then
  home=$(mktemp -d)
  trap 'rm -rf "$home"' EXIT
  tar -C "$home" -xJf "$here/vernier-gpu.tar.xz"
  home=$home/vernier-gpu
  export VERNIER_DATA="$home/data" VERNIER_CUDA_MODULE="$home/libvernier_cuda.so"
  # The libraries carried are for our programs alone: Python has its own.
  for program in vernier test_engine; do
    printf '#!/bin/sh\nLD_LIBRARY_PATH="%s/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" exec "%s" "$@"\n' "$home" "$home/$program" >"$home/run-$program"
    chmod +x "$home/run-$program"
  done
  vernier=$home/run-vernier tests=$home/run-test_engine study=$home/search.yaml peers=$home
else
  build=$here/../build/release
  vernier=$build/vernier tests=$build/tests/test_engine study=$here/gpu/search.yaml peers=$here/../../shared/bench/engine
  [ -x "$vernier" ] && [ -x "$tests" ] || fail "no $vernier and $tests; expected build preset release"
  export VERNIER_DATA="${VERNIER_DATA:-$here/../../shared/data}" VERNIER_CUDA_MODULE="$build/libvernier_cuda.so"
fi

# cuBLAS comes with PyTorch where the toolkit has none.
if [ -z "${VERNIER_CUDA_LIBS:-}" ] && command -v python3 >/dev/null; then
  VERNIER_CUDA_LIBS=$(python3 -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])' 2>/dev/null || true)
  export VERNIER_CUDA_LIBS
fi

timeout -k 5 30 "$vernier" doctor
gpus=$(timeout -k 5 30 "$vernier" doctor --json | { grep -o '"compute_capability"' || true; } | wc -l)
[ "$gpus" -gt 0 ] || fail "no GPU here: see 'CUDA module' and 'GPU' above; nothing was tested"

work=$(mktemp -d)
trap 'rm -rf "$work" "${home%/vernier-gpu}"' EXIT
export vernier tests study work
rows=()
failures=0
# check NAME SECONDS COMMAND...: a row of the table
check() {
  local name=$1 limit=$2 began=$SECONDS result=ok
  shift 2
  if ! timeout -k 5 "$limit" "$@" >"$work/log" 2>&1; then
    result=FAILED
    failures=$((failures + 1))
    tail -n 40 "$work/log"
  fi
  rows+=("$(printf '%-52s %-7s %4d s' "$name" "$result" $((SECONDS - began)))")
}

self_tests() { ! "$vernier" doctor --json | grep -o '"self_test":"[^"]*"' | grep -v '"self_test":"ok"'; }
search() {
  "$vernier" run "$study" --db "$work/v.db" --devices gpu:0 &&
    "$vernier" run "$study" --db "$work/v.db" --as on-cpu --devices cpu --trials 4 &&
    same_as_cpu
}
# The first four trials of both are the same configurations: their accuracies agree but for rounding.
same_as_cpu() {
  local of
  for of in gpu-search on-cpu; do
    "$vernier" query "SELECT number, value FROM trials WHERE study = '$of' AND number <= 4 AND state = 'completed' ORDER BY number" --db "$work/v.db" --csv |
      tail -n +2 >"$work/$of"
    [ "$(wc -l <"$work/$of")" = 4 ] || return 1
  done
  paste -d, "$work/gpu-search" "$work/on-cpu" | awk -F, '$1 + 0 > 0 && ($2 - $4 > 0.02 || $4 - $2 > 0.02) {print "trial " $1 ": " $2 " on the GPU, " $4 " on the CPU"; bad = 1} END {exit bad}'
}

export -f self_tests search same_as_cpu
check "random bits and optimizers, device = host" 40 bash -c self_tests
check "networks in every precision, device = CPU; exact pauses" 200 "$tests" --no-skip --test-case='on a GPU*'
check "a search of 64 trials at once, its values those of the CPU" 150 bash -c search
# measure NAME SECONDS COMMAND...: a check whose output is figures, within what is left of the 10 minutes.
figures=""
measure() {
  local name=$1 limit=$2 left=$((most_seconds - SECONDS))
  shift 2
  if [ $left -lt 20 ]; then
    rows+=("$(printf '%-52s %-7s' "$name" "no time")")
    return
  fi
  check "$name" $((limit < left ? limit : left)) "$@"
  figures+=$'\n'"$name"$'\n'$(cat "$work/log")$'\n'
}
# In each precision the same nets of ours and of the peers; a peer that is not installed has a row that says so.
ours() { measure "ours: $1, $2" 45 "$vernier" bench --gpu 0 --net "$1" --precision "$2" --lanes "$3" --seconds 1; }
installed() { timeout -k 5 30 python3 -c "$1" 2>/dev/null || echo 0; }
torch=$(installed 'import torch; print(int(torch.cuda.is_available()))')
jax=$(installed 'import jax; print(int(jax.default_backend() == "gpu"))')
peer() {
  local name=$1 there=$2 script=$3
  shift 3
  if [ "$there" != 1 ] || [ ! -f "$peers/$script" ]; then
    rows+=("$(printf '%-52s %-7s' "$name" "absent")")
    return
  fi
  measure "$name" 100 env "$@"
}
# Eager, captured as a graph, and torch.compile with CUDA graphs.
of_torch() {
  local precision=$1
  shift
  peer "peer: torch, $precision" "$torch" torch_step.py python3 "$peers/torch_step.py" --device cuda --mode eager graph compile-graph --precision "$precision" --seconds 1 "$@"
}
of_jax() {
  peer "peer: jax vmap, $1" "$jax" jax_lanes.py JAX_DEFAULT_MATMUL_PRECISION="$2" python3 "$peers/jax_lanes.py" --net mlp lenet5 --lanes 1 8 32 64 --seconds 1
}
ours mlp tf32 1,8,64
ours mlp fp32 1,8,64
ours lenet5 tf32 1,8,32
ours lenet5 fp32 1,8,32
ours wrn-16-1 bf16 1,8
ours wrn-16-4 bf16 1
ours resnet18 bf16 1
of_torch tf32 --net mlp lenet5
of_jax tf32 tensorfloat32
of_torch bf16 --channels-last --net wrn-16-1 resnet18 wrn-16-4
of_jax fp32 float32
of_torch fp32 --net mlp lenet5

echo
echo "$figures"
echo
printf '%s\n' "${rows[@]}"
echo "$failures failed, $SECONDS s"
[ "$failures" = 0 ]
