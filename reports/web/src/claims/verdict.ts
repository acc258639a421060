// A verdict in words, shape and colour; never in colour alone. The sentence of its figures.
import type {ClaimJson, Verdict} from '../data/claim';
import {h, s} from '../ui/dom';
import {count, number, plusMinus} from '../ui/format';
import type {Palette} from '../ui/palette';

export const VERDICTS: readonly Verdict[] = ['supported', 'contradicted', 'undecided'];

export function verdictColor(palette: Palette, verdict: Verdict): string {
  return {supported: palette.ranks[2], contradicted: palette.accent, undecided: palette.faint}[verdict];
}

/** A disc with a tick, a diamond with a cross, an open ring with a question mark. Its colours are in style/claims.css. */
export function verdictSign(verdict: Verdict): SVGSVGElement {
  const parts = {
    supported: [s('circle', {cx: 10, cy: 10, r: 9, class: 'shape'}), s('path', {d: 'M5.8 10.4l2.9 2.9 5.6-6', class: 'stroke'})],
    contradicted: [s('path', {d: 'M10 0.4L19.6 10 10 19.6 0.4 10z', class: 'shape'}), s('path', {d: 'M7 7l6 6M13 7l-6 6', class: 'stroke'})],
    undecided: [s('circle', {cx: 10, cy: 10, r: 8, class: 'ring'}), s('path', {d: 'M7.6 7.9a2.5 2.5 0 1 1 3.6 2.4c-.8.4-1.2.9-1.2 1.7M10 14.2v.3', class: 'ask'})],
  };
  return s('svg', {width: 20, height: 20, viewBox: '0 0 20 20', class: 'sign', 'aria-hidden': 'true'}, ...parts[verdict]);
}

export function verdictPill(claim: ClaimJson): HTMLElement {
  const words = {supported: 'Supported', contradicted: 'Contradicted', undecided: 'Undecided'};
  return h('p', {class: `verdict ${claim.verdict}`}, verdictSign(claim.verdict), h('strong', {}, words[claim.verdict]),
           claim.mark !== '' && h('span', {class: 'few'}, claim.mark));
}

/** What an arm is called in a plot: a bare number says too little, "depth 3" does. */
export function armLabel(name: string, value: string): string {
  return value !== '' && (value === 'true' || value === 'false' || Number.isFinite(Number(value))) ? `${name.slice(name.lastIndexOf('.') + 1)} ${value}` : value;
}

export function claimTitle(claim: ClaimJson): string {
  return claim.text !== '' ? claim.text : `${claim.better} beats ${claim.than}`;
}

/** "+0.031 ± 0.004": the mean difference with its interval, at decimals that show whether it holds 0. */
export function difference(claim: ClaimJson): string {
  if (claim.n === 0) return 'no pairs';
  const {mean, half_width: half} = claim;
  const sign = mean > 0 ? '+' : '';
  if (half === null || !(half > 0)) return `${sign}${number(mean, 3)}`;
  // Of what is tiny, an exponent says it better.
  return half < 1e-5 ? `${sign}${number(mean, 3)} \u00b1 ${number(half, 2)}` : `${sign}${plusMinus(mean, half)}`;
}

export function pairsText(claim: ClaimJson): string {
  return claim.n === 0 ? '' : count(claim.n, 'pair');
}
