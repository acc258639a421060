// The paired differences as dots on one line, with their mean and its interval, 0, and the margin that the claim asks for.
import type {ClaimJson} from '../data/claim';
import {s} from '../ui/dom';
import {clip, number} from '../ui/format';
import {fit, widthOf} from '../ui/measure';
import {jitter, niceTicks, type Scale} from '../ui/scale';
import {axes, type Box, canvas, type Plot, type Spot, text} from './drawing';
import {armLabel, verdictColor} from './verdict';

/** Everything that must be seen: differences, interval, 0, margins. */
function range(claim: ClaimJson): [number, number] {
  const {mean, half_width: half, within, margin} = claim;
  const marks = within !== null ? [-within, within] : [margin];
  const all = [0, ...marks, ...claim.pairs.map((p) => p.difference), ...(claim.n > 0 ? [mean] : []), ...(half === null ? [] : [mean - half, mean + half])].filter((v) => Number.isFinite(v));
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const pad = (high - low) * 0.06 || Math.abs(low) * 0.1 || 1;
  return [low - pad, high + pad];
}

const MOST_ROWS = 12;

/** Of "train.seed 1, model.width 64" what the pairs differ in. */
export function shortLabels(labels: string[]): string[] {
  const parts = labels.map((label) => label.split(', '));
  const same = (part: string) => labels.length > 1 && parts.every((all) => all.includes(part));
  return labels.map((label, i) => parts[i].filter((part) => !same(part)).join(', ') || label);
}

/** `rows`: a row for each pair, with its label, where they are few; else all of them around one line. */
export function stripPlot(claim: ClaimJson, rows = false): Plot {
  const {pairs, mean, half_width: half, within, margin, n} = claim;
  const [better, than] = [claim.better, claim.than].map((value) => clip(armLabel(claim.arms, value), 40));
  const lead = `Each dot is a pair of ${better} and ${than}, on the right where ${better} is better; the bar is the 95 % interval of their mean.` +
      (within !== null ? ` Equal is: the bar inside the shaded \u00b1 ${number(within)}.` : margin !== 0 ? ` The dashed line is the margin, ${number(margin)}.` : '');
  return {
    lead,
    table: () => ({header: ['pair', 'difference'], rows: pairs.map((p) => [p.label, p.difference])}),
    draw: (look, {width, small}) => {
      const {palette} = look;
      const listed = rows && n > 0 && pairs.length <= MOST_ROWS;
      const row = small ? 18 : 20;
      const labels = listed ? shortLabels(pairs.map((p) => p.label)).map((label) => fit(label, Math.max(40, width * 0.3), 11)) : [];
      const room = listed ? Math.max(...labels.map((l) => widthOf(l, 11))) + 16 : 8;
      const height = listed ? pairs.length * row + (small ? 50 : 74) : small ? 76 : 132;
      const svg = canvas(width, height);
      const label = n === 0 ? 'No pair yet.' : `${n} paired differences, mean ${number(mean, 3)}${half === null ? '' : ` \u00b1 ${number(half, 2)}`}.`;
      const [low, high] = range(claim);
      const ticks = niceTicks(low, high, Math.max(3, Math.floor((width - room) / 72)));
      const unit = (v: number) => (v - low) / (high - low);
      const x: Scale = {unit, value: (u) => low + u * (high - low), ticks: ticks.map((v) => ({at: unit(v), label: number(v, 3)})), log: false};
      const none: Scale = {unit: () => 0.5, value: () => 0, ticks: [], log: false};
      const box: Box = {left: room, right: width - 8, top: small ? 22 : 30, bottom: height - (small ? 20 : 36)};
      const middle = (box.top + box.bottom) / 2;
      const at = (v: number) => box.left + unit(v) * (box.right - box.left);
      if (within !== null) {
        svg.append(s('rect', {x: at(-within), y: box.top, width: Math.max(1, at(within) - at(-within)), height: box.bottom - box.top, fill: palette.ghost}));
      }
      const {px} = axes(svg, look, box, x, none, small ? '' : `difference in ${fit(claim.metric, width / 2, 11)}`, '');
      svg.append(s('line', {x1: px(0), x2: px(0), y1: box.top, y2: box.bottom, stroke: palette.soft}));
      if (within === null && margin !== 0) svg.append(s('line', {x1: px(margin), x2: px(margin), y1: box.top, y2: box.bottom, stroke: palette.soft, 'stroke-dasharray': '4 3'}));
      // Which way is which; where there is room on that side.
      for (const [name, x0, x1, anchor] of [[than, box.left, px(0) - 8, 'end'], [better, px(0) + 8, box.right, 'start']] as const) {
        if (x1 - x0 < 56) continue;
        const arrow = anchor === 'end' ? `\u2190 ${fit(name, x1 - x0 - 56, 11)} better` : `${fit(name, x1 - x0 - 56, 11)} better \u2192`;
        svg.append(text(anchor === 'end' ? x1 : x0, box.top - 8, arrow, palette.faint, {anchor}));
      }
      const color = verdictColor(palette, claim.verdict);
      const thick = listed ? box.bottom - box.top - 6 : small ? 12 : 18;
      if (n > 0 && half !== null) {
        const [from, to] = [px(mean - half), px(mean + half)];
        svg.append(s('rect', {x: from, y: middle - thick / 2, width: Math.max(1, to - from), height: thick, rx: 3, fill: color, opacity: 0.22}),
                   s('path', {d: `M${from} ${middle - thick / 2}V${middle + thick / 2}M${to} ${middle - thick / 2}V${middle + thick / 2}`, stroke: color, 'stroke-width': 1.5}));
      }
      const spots: Spot[] = [];
      pairs.forEach((pair, i) => {
        const place = px(pair.difference);
        const y = listed ? box.top + (i + 0.5) * (box.bottom - box.top) / pairs.length : middle + (pairs.length > 1 ? (small ? 5 : 12) * jitter(i) : 0);
        if (listed) svg.append(text(0, y + 4, labels[i], palette.faint));
        svg.append(s('circle', {cx: place, cy: y, r: small ? 3 : 4, fill: palette.ink, stroke: palette.card, 'stroke-width': 1, opacity: pairs.length > 30 ? 0.6 : 0.85}));
        spots.push({x: place, y, text: `${pair.label}\n${number(pair.difference, 4)}`});
      });
      if (n > 0) svg.append(s('line', {x1: px(mean), x2: px(mean), y1: middle - thick / 2 - 3, y2: middle + thick / 2 + 3, stroke: color, 'stroke-width': 2.5}));
      return {svg, spots, label};
    },
  };
}
