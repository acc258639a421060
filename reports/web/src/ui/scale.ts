// One axis: values to [0, 1] and back, with ticks. Shared by parallel coordinates, slices and plots with log axes.
import type {Scalar} from '../data/payload';
import type {Param} from '../data/study';
import {clip, number} from './format';

export interface Tick {
  at: number;  // in [0, 1]
  label: string;
}

export interface Scale {
  /** NaN for missing values. The argument of a choice is its position. */
  unit(value: number): number;
  value(unit: number): number;
  ticks: Tick[];
  log: boolean;
}

/** 1, 2, 5 times powers of ten inside [low, high]. */
export function niceTicks(low: number, high: number, most: number): number[] {
  const span = high - low;
  if (!(span > 0)) return [low];
  const rough = span / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((m) => m >= rough * 0.999)!;
  const ticks: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; ++i) ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}

/** On a log axis: powers of ten, with 2 and 5 or 3 where there is room; the ends where there is nothing better. */
export function logTicks(low: number, high: number, most: number): number[] {
  const from = Math.floor(Math.log10(low));
  const to = Math.ceil(Math.log10(high));
  for (const factors of [[1, 2, 5], [1, 3], [1]]) {
    const ticks: number[] = [];
    for (let e = from; e <= to; ++e) {
      for (const f of factors) {
        const x = Number((f * 10 ** e).toPrecision(12));
        if (x >= low * 0.999 && x <= high * 1.001) ticks.push(x);
      }
    }
    if (ticks.length <= most) return ticks.length >= 2 ? ticks : [low, high];
  }
  const every = Math.ceil((to - from) / most);
  const ticks: number[] = [];
  for (let e = from; e <= to; e += every) {
    if (10 ** e >= low * 0.999 && 10 ** e <= high * 1.001) ticks.push(Number((10 ** e).toPrecision(12)));
  }
  return ticks;
}

export function numericScale(low: number, high: number, log: boolean, most = 6, choices: readonly number[] = []): Scale {
  const isLog = log && low > 0;
  const to = (x: number) => (isLog ? Math.log(x) : x);
  const from = to(low);
  const width = to(high) - from;
  const unit = (x: number) => (width > 0 ? (to(x) - from) / width : Number.isNaN(x) ? NaN : 0.5);
  const values = choices.length > 0 && choices.length <= 2 * most ? choices :
      isLog ? logTicks(low, high, most) : niceTicks(low, high, most);
  return {
    unit,
    value: (u) => (isLog ? Math.exp(from + u * width) : from + u * width),
    ticks: values.map((v) => ({at: unit(v), label: number(v, 4)})),
    log: isLog,
  };
}

export function choiceText(value: Scalar): string {
  return value === null ? 'none' : typeof value === 'number' ? number(value, 6) : String(value);
}

function choiceScale(choices: readonly Scalar[]): Scale {
  const n = Math.max(1, choices.length);
  const every = Math.ceil(n / 24);
  return {
    unit: (i) => (i + 0.5) / n,
    value: (u) => u * n - 0.5,
    ticks: choices.map((c, i) => ({at: (i + 0.5) / n, label: clip(choiceText(c), 14)})).filter((_, i) => i % every === 0),
    log: false,
  };
}

export function paramScale(param: Param, most = 6): Scale {
  if (!param.numeric) return choiceScale(param.choices);
  const scale = numericScale(param.low, param.high, param.log, most, param.ordinal);
  if (param.type === 'int' && param.high - param.low <= most && !param.log) {
    const whole = Array.from({length: param.high - param.low + 1}, (_, i) => param.low + i);
    return numericScale(param.low, param.high, false, most, whole);
  }
  return scale;
}

/** Spreads points that share a value: in [-1, 1], the same for a row every time. */
export function jitter(row: number): number {
  return ((row * 0.6180339887498949) % 1) * 2 - 1;
}
