// A smooth surface through scattered ranks: the Gaussian-weighted mean on a grid (Nadaraya and Watson, 1964), known only near trials.

export interface Surface {
  size: number;
  value: Float64Array;  // row by row from below; NaN where no trial is near
}

/** Both coordinates in [0, 1]. `width`: the kernel's deviation. Points are put into the grid's cells first, so that thousands cost little. */
export function surface(points: readonly {x: number; y: number; value: number}[], size = 40, width = 0.06): Surface {
  const sum = new Float64Array(size * size);
  const mass = new Float64Array(size * size);
  const cell = (u: number) => Math.max(0, Math.min(size - 1, Math.floor(u * size)));
  for (const {x, y, value} of points) {
    const at = cell(y) * size + cell(x);
    sum[at] += value;
    ++mass[at];
  }
  const reach = Math.ceil(3 * width * size);
  const weights = Float64Array.from({length: reach + 1}, (_, d) => Math.exp(-0.5 * (d / (width * size)) ** 2));
  const blur = (from: Float64Array, step: number, line: number) => {
    const to = new Float64Array(size * size);
    for (let a = 0; a < size; ++a) {
      for (let b = 0; b < size; ++b) {
        let total = 0;
        for (let d = -reach; d <= reach; ++d) {
          if (b + d >= 0 && b + d < size) total += weights[Math.abs(d)] * from[a * line + (b + d) * step];
        }
        to[a * line + b * step] = total;
      }
    }
    return to;
  };
  const smooth = (grid: Float64Array) => blur(blur(grid, 1, size), size, 1);
  const [top, bottom] = [smooth(sum), smooth(mass)];
  // One trial at a distance of two deviations is the least that counts as near.
  const value = top.map((t, i) => (bottom[i] >= Math.exp(-2) ? t / bottom[i] : NaN));
  return {size, value};
}

/** Runs of equal bands in each row, as rectangles: [column from, column to, row, band]. */
export function bands({size, value}: Surface, count: number): [number, number, number, number][] {
  const runs: [number, number, number, number][] = [];
  const band = (v: number) => (Number.isNaN(v) ? -1 : Math.max(0, Math.min(count - 1, Math.floor(v * count))));
  for (let row = 0; row < size; ++row) {
    let from = 0;
    for (let column = 1; column <= size; ++column) {
      const here = band(value[row * size + from]);
      if (column < size && band(value[row * size + column]) === here) continue;
      if (here >= 0) runs.push([from, column, row, here]);
      from = column;
    }
  }
  return runs;
}
