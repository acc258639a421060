#!/bin/sh
# Gradient descent with momentum on x^2 + 10 y^2 from (3, 2), in sh and awk. Resumable: see README.md.
set -eu
number() { printf '%s' "$VERNIER_PARAMS" | sed -n "s/.*\"$1\":\([-+.0-9eE]*\).*/\1/p"; }
rate=$(number rate)
momentum=$(number momentum)
state=$VERNIER_TRIAL_DIR/state    # a line each step: step x y and their velocities
lines=$VERNIER_TRIAL_DIR/printed

step=0 place="3 2 0 0"
if [ -f "$state" ]; then
  read -r step place <"$state"
  # What was printed may be a step ahead of the state: then that step is done again, and gives the same line.
  head -n "$step" "$lines"
  head -n "$step" "$lines" >"$lines.part"
  mv "$lines.part" "$lines"
else
  : >"$lines"
fi
while [ "$step" -lt "$VERNIER_BUDGET" ]; do
  step=$((step + 1))
  place=$(echo "$place" | awk -v rate="$rate" -v momentum="$momentum" '{
    vx = momentum * $3 - rate * 2 * $1; vy = momentum * $4 - rate * 20 * $2
    printf "%.17g %.17g %.17g %.17g", $1 + vx, $2 + vy, vx, vy }')
  line=$(echo "$place" | awk -v step="$step" '{ printf "{\"step\": %d, \"loss\": %.17g}", step, $1 * $1 + 10 * $2 * $2 }')
  echo "$line" >>"$lines"
  echo "$step $place" >"$state.part"
  mv "$state.part" "$state"
  echo "$line"
done
