// The objective's values as this study's numbers deserve: decimals from the noise, a range without the far outliers.
import type {Study} from '../data/study';
import {decimalsFor, fixed, number} from './format';

export function objectiveText(study: Study): (value: number | null) => string {
  const {noise, quantiles} = study.answer;
  const scale = Math.max(...quantiles.map(Math.abs), 0);
  // Without a measured noise: 1 / 1000 of the spread.
  const spread = quantiles.length > 0 ? Math.abs(quantiles[4] - quantiles[0]) / 1000 : 0;
  const uncertainty = noise !== null && noise > 0 ? noise : spread;
  if (!(uncertainty > 0) || scale >= 1e6 || scale < 1e-3) return (value) => number(value, 5);
  const least = scale < 10 ? 3 : scale < 100 ? 2 : 1;
  const most = Math.max(least, Math.min(6, decimalsFor(uncertainty)));
  // An accuracy over 2,000 examples has no fifth decimal: zeros that every value ends with say nothing.
  const needless = (d: number) => study.value.every((v) => !Number.isFinite(v) || Math.abs(v - Number(v.toFixed(d - 1))) < 0.5 * 10 ** -most);
  let decimals = most;
  while (decimals > least && needless(decimals)) --decimals;
  return (value) => (value === null || Number.isNaN(value) ? '\u2013' : fixed(value, decimals));
}

/** Differences, at the objective's precision but never rounded to nothing. */
export function differenceText(study: Study): (value: number) => string {
  const text = objectiveText(study);
  return (value) => (value !== 0 && Number(text(Math.abs(value)).replace(',', '')) === 0 ? number(value, 2) : text(value));
}

/** Whether the worst values would squeeze the good ones into a sliver. */
export function hasOutliers(study: Study): boolean {
  const q = study.answer.quantiles;
  return q.length > 0 && Math.abs(q[6] - q[0]) > 4 * Math.abs(q[4] - q[0]);
}

/** [low, high] of the objective's axis: everything, or the better three quarters. */
export function valueRange(study: Study, zoom: '' | 'all' | 'best'): [number, number] {
  const q = study.answer.quantiles;
  if (q.length === 0) return [0, 1];
  const best = zoom === 'best' || (zoom === '' && hasOutliers(study));
  const worst = best ? q[4] : q[6];
  const pad = Math.abs(worst - q[0]) * 0.06 || Math.abs(q[0]) * 0.05 || 0.5;
  return q[0] < worst ? [q[0] - pad, worst + pad] : [worst - pad, q[0] + pad];
}

export function beyond(study: Study, [low, high]: [number, number]): number {
  let n = 0;
  for (const v of study.value) if (v < low || v > high) ++n;
  return n;
}

export function betterWord(study: Study): string {
  return study.json.maximize ? 'higher is better' : 'lower is better';
}

/** Setting texts of one trial: [label, full name, value]; inactive parameters are left out. */
export function settings(study: Study, row: number): {label: string; name: string; text: string}[] {
  return study.params.flatMap((p) => {
    const value = p.column.at(row);
    if (value === null) return [];
    return [{label: p.label, name: p.name, text: typeof value === 'number' ? number(value, p.type === 'float' ? 4 : 10) : String(value)}];
  });
}
