#!/usr/bin/env bash
# Power cuts of a real file system: a search writes on ext4 over a loop device; at random moments what the device holds is copied and mounted
# as after a loss of power. Every step that was acknowledged before must be there, and the file whole. Needs root and a loop device.
set -uo pipefail
vernier=${VERNIER:-build/release/vernier}
cuts=$([ "${VERNIER_FAULTS:-}" = full ] && echo 40 || echo 4)
work=$(mktemp -d)
skip() { echo "SKIPPED: power cuts over a loop device: $1"; exit 0; }
cleanup() {
  [ -n "${run:-}" ] && kill -9 "$run" 2>/dev/null
  umount -l "$work/live" "$work/cut" 2>/dev/null
  rm -rf "$work"
}
trap cleanup EXIT
command -v mkfs.ext4 >/dev/null || skip "no mkfs.ext4"
mkdir "$work/live" "$work/cut"
truncate -s 64M "$work/disk"
mkfs.ext4 -q "$work/disk" || skip "no ext4"
mount -o loop "$work/disk" "$work/live" 2>/dev/null || skip "no right to mount"
cat >"$work/study.yaml" <<'STUDY'
study: small
data: {set: xor, n: 2000}
model: {type: mlp}
train: {epochs: 40, batch_size: 32}
sampler: random
trials: 400
resources: {jobs: 1, devices: cpu}
parameters: {model.width: {min: 4, max: 64}}
STUDY
"$vernier" run "$work/study.yaml" --db "$work/live/v.db" --json >"$work/events" 2>"$work/errors" &
run=$!
lost=0 damaged=0 checked=0 done=0
for ((cut = 1; cut <= cuts; ++cut)); do
  sleep "0.$((RANDOM % 900 + 100))"
  kill -0 "$run" 2>/dev/null || break
  # An event is printed after its commit: what is printed now must survive. The copy is taken while nobody writes.
  kill -STOP "$run"
  acknowledged=$(grep -c '"event":"measurement"' "$work/events")
  cp --sparse=always "$work/disk" "$work/image"
  kill -CONT "$run"
  mount -o loop "$work/image" "$work/cut" || { damaged=$((damaged + 1)); continue; }
  if [ "$acknowledged" -gt 0 ]; then
    found=$("$vernier" query "SELECT sum(steps) AS n FROM trials" --db "$work/cut/v.db" --json 2>>"$work/errors" | sed -E 's/.*"n":([0-9]+).*/\1/')
    [ "${found:-0}" -ge "$acknowledged" ] || lost=$((lost + acknowledged - ${found:-0}))
    "$vernier" verify --no-replay --db "$work/cut/v.db" >>"$work/errors" 2>&1 || damaged=$((damaged + 1))
    checked=$((checked + acknowledged))
  fi
  umount "$work/cut"
  done=$((done + 1))
done
echo "fault: power cuts of ext4 on a loop device | $done cuts | $checked steps checked, lost $lost, damaged files $damaged"
if [ "$lost" -ne 0 ] || [ "$damaged" -ne 0 ] || [ "$done" -eq 0 ]; then
  tail -n 20 "$work/errors"
  exit 1
fi
