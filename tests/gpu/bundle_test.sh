#!/usr/bin/env bash
# One command makes the bundle; it is small enough, complete, and its script says so and fails where there is no GPU.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
  echo "bundle_test: $*" >&2
  exit 1
}
tests/gpu.sh --bundle "$work/bundle" >/dev/null
[ "$(ls "$work/bundle" | tr '\n' ' ')" = "gpu.sh vernier-gpu.tar.xz " ] || fail "found $(ls "$work/bundle")"
bytes=$(stat -c %s "$work/bundle/vernier-gpu.tar.xz")
[ "$bytes" -le $((60 * 1024 * 1024)) ] || fail "$bytes bytes"
# Nothing of this tree is needed, and no library but glibc's and CUDA's.
tar -C "$work" -xJf "$work/bundle/vernier-gpu.tar.xz"
for program in vernier test_engine libvernier_cuda.so; do
  outside=$(cd / && LD_LIBRARY_PATH="$work/vernier-gpu/lib" ldd "$work/vernier-gpu/$program" | awk '$2 == "=>" {print $3}' |
    grep -v "^$work" | grep -vE '/lib(c|m|dl|pthread|rt)\.so' || true)
  [ -z "$outside" ] || fail "$program needs $outside"
done
status=0
(cd / && CUDA_VISIBLE_DEVICES= "$work/bundle/gpu.sh") >"$work/said" 2>&1 || status=$?
[ "$status" = 1 ] || fail "exit $status without a GPU"
grep -q 'no GPU here' "$work/said" || fail "it said: $(cat "$work/said")"
grep -q '^CUDA module ' "$work/said" || fail "no reason in: $(cat "$work/said")"
echo "bundle_test: $bytes bytes"
