// Numbers, durations and dates as a reader wants them.

const MINUS = '\u2212';

/** `digits` significant digits; an exponent only for the very small and the very large. */
export function number(x: number | null | undefined, digits = 4): string {
  if (x === null || x === undefined || Number.isNaN(x)) return '\u2013';
  if (!Number.isFinite(x)) return x > 0 ? '\u221e' : `${MINUS}\u221e`;
  if (x === 0) return '0';
  const size = Math.abs(x);
  let text: string;
  if (size < 1e-3 || size >= 1e7) {
    text = x.toExponential(digits - 1).replace(/\.?0+e/, 'e').replace('e+', 'e');
  } else if (size >= 10 ** (digits - 1)) {
    text = x.toFixed(0);
  } else {
    text = String(Number(x.toPrecision(digits)));
  }
  return text.replaceAll('-', MINUS);
}

/** With all its digits, for columns of measured values: 0.4500. */
export function padded(x: number, digits = 4): string {
  const text = number(x, digits);
  const size = Math.abs(x);
  return Number.isInteger(x) || size < 1e-3 || size >= 10 ** (digits - 1) ? text : x.toPrecision(digits).replace('-', MINUS);
}

/** Decimals that a value with this uncertainty deserves: its uncertainty is shown with one or two digits. */
export function decimalsFor(uncertainty: number): number {
  if (!(uncertainty > 0)) return 4;
  const exponent = Math.floor(Math.log10(uncertainty));
  const leading = uncertainty / 10 ** exponent;
  return Math.max(0, Math.min(12, -exponent + (leading < 2 ? 1 : 0)));
}

/** "0.031 \u00b1 0.004"; more decimals where they would hide whether the interval excludes 0, or on which side of 0 the value lies. */
export function plusMinus(value: number, half: number): string {
  let decimals = decimalsFor(half);
  const hides = () => fixed(Math.abs(value), decimals) === fixed(half, decimals) || (value !== 0 && Number(Math.abs(value).toFixed(decimals)) === 0);
  for (let more = 0; more < 3 && hides(); ++more) ++decimals;
  return `${fixed(value, decimals)} \u00b1 ${fixed(half, decimals)}`;
}

export function fixed(x: number, decimals: number): string {
  return x.toFixed(decimals).replace('-', MINUS);
}

export function percent(share: number): string {
  const p = 100 * share;
  return p > 0 && p < 1 ? '< 1 %' : `${p.toFixed(0)} %`;
}

export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '\u2013';
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 10) return `${Number(seconds.toPrecision(2))} s`;
  if (seconds < 59.5) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (seconds < 600) {
    const s = Math.round(seconds);
    return `${Math.floor(s / 60)} min${s % 60 ? ` ${s % 60} s` : ''}`;
  }
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h${minutes % 60 ? ` ${minutes % 60} min` : ''}`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** For the ticks of an axis: what would read as the tick before it stays empty. */
export function distinct(text: (value: number) => string): (value: number, index: number) => string {
  let before = '';
  return (value, index) => {
    const now = text(value);
    const repeated = index > 0 && now === before;
    before = now;
    return repeated ? '' : now;
  };
}

export function date(wall: number): string {
  const d = new Date(wall * 1000);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())} ${two(d.getHours())}:${two(d.getMinutes())}`;
}

export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`;
}

export function list(words: string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`;
}

/** At most `most` characters; names come from users and may be long. */
export function clip(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}\u2026`;
}
