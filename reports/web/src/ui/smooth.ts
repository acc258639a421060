/** Exponential mean with the start's bias taken out, as Adam's moments; NaN stays NaN and is passed over. */
export function smoothed(values: ArrayLike<number>, weight: number): Float64Array {
  const out = new Float64Array(values.length);
  let mean = 0;
  let mass = 0;
  for (let i = 0; i < values.length; ++i) {
    if (!Number.isFinite(values[i])) {
      out[i] = NaN;
      continue;
    }
    mean = weight * mean + (1 - weight) * values[i];
    mass = weight * mass + (1 - weight);
    out[i] = mean / mass;
  }
  return out;
}
