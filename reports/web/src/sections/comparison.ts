// Studies that differ in one thing against each other: who won, by how much, how sure, what to try next; every seed, every pair.
import type {App} from '../app';
import type {ArmJson, ComparisonJson, PairJson} from '../data/payload';
import {Card} from '../ui/card';
import {axisStyle, base, Chart} from '../ui/chart';
import {copyable} from '../ui/copy';
import {h} from '../ui/dom';
import {csv} from '../ui/download';
import {filesMenu} from '../ui/files';
import {clip, list, number, plusMinus} from '../ui/format';
import {jitter} from '../ui/scale';

const interval = (mean: number | null, half: number | null) => {
  if (mean === null) return '\u2013';
  return half === null || !(half > 0) ? number(mean, 4) : plusMinus(mean, half);
};

function pText(pair: PairJson): string {
  if (pair.p === null) return '\u2013';
  return `${number(pair.p, 3)}${pair.least_p > 0.05 ? ' (too few seeds to reach 0.05)' : ''}`;
}

function armTable(comparison: ComparisonJson, arms: ArmJson[]): HTMLElement {
  const head = [comparison.differs.length === 1 ? comparison.differs[0] : 'arm', `mean ${comparison.objective || 'value'} (95 %)`, 'seeds', 'best', 'worst'];
  const better = (a: number, b: number) => (comparison.maximize ? b - a : a - b);
  return h('div', {class: 'scroller', tabindex: 0, role: 'region', 'aria-label': 'Arms'}, h('table', {class: 'plain', 'aria-label': 'Arms'},
    h('thead', {}, h('tr', {}, ...head.map((t, i) => h('th', {scope: 'col', class: i > 0 ? 'number' : ''}, clip(t, 40))))),
    h('tbody', {}, ...arms.map((arm, i) => {
      const sorted = [...arm.values].sort(better);
      return h('tr', {class: i === 0 ? 'first' : ''}, h('th', {scope: 'row', title: arm.studies.join(', ')}, clip(arm.label, 40)),
               h('td', {class: 'number strong'}, interval(arm.mean, arm.half_width)), h('td', {class: 'number'}, String(arm.values.length)),
               h('td', {class: 'number'}, number(sorted[0])), h('td', {class: 'number'}, number(sorted[sorted.length - 1])));
    }))));
}

function pairTable(comparison: ComparisonJson): HTMLElement {
  const words = {better: 'better', worse: 'worse', undecided: 'not told apart'};
  const head = ['first against second', 'difference (95 %)', 'verdict', 'pairs', 'sign-flip p'];
  return h('div', {class: 'scroller', tabindex: 0, role: 'region', 'aria-label': 'Paired differences'}, h('table', {class: 'plain', 'aria-label': 'Paired differences'},
    h('thead', {}, h('tr', {}, ...head.map((t, i) => h('th', {scope: 'col', class: i === 1 || i === 3 ? 'number' : ''}, t)))),
    h('tbody', {}, ...comparison.pairs.map((pair) => {
      const [a, b] = [comparison.arms[pair.first], comparison.arms[pair.second]];
      return h('tr', {title: pair.text}, h('th', {scope: 'row'}, `${clip(a.label, 24)} against ${clip(b.label, 24)}`),
               h('td', {class: 'number'}, pair.n === 0 ? 'no common seed' : interval(pair.mean, pair.half_width)),
               h('td', {class: pair.verdict === 'undecided' ? 'soft' : 'strong'}, words[pair.verdict]),
               h('td', {class: 'number'}, String(pair.n)), h('td', {class: 'wraps'}, pText(pair)));
    }))));
}

export function comparisonCard(app: App): Card | null {
  const {comparison} = app.json;
  if (!comparison) return null;
  const card = new Card('comparison', `Comparison of ${list(comparison.differs.slice(0, 3).map((d) => clip(d, 40))) || 'studies'}`, 'full');
  const {arms} = comparison;
  const measured = arms.filter((a) => a.values.length > 0);

  const option = (width: number) => {
    const {palette} = app;
    const axis = axisStyle(palette, '');
    const all = measured.flatMap((a) => [...a.values, ...(a.half_width === null || a.mean === null ? [] : [a.mean - a.half_width, a.mean + a.half_width])]);
    const [low, high] = [Math.min(...all), Math.max(...all)];
    const pad = (high - low) * 0.06 || Math.abs(low) * 0.02 || 0.5;
    const color = (i: number) => palette.series[i % palette.series.length];
    return {
      ...base(palette),
      grid: {left: 8, right: 24, top: 8, bottom: 36, containLabel: true},
      tooltip: {formatter: (p: {data: {arm: number; seed: string; value: [number, number]}}) =>
        `${clip(measured[p.data.arm].label, 40)}\nseed ${p.data.seed}  ${number(p.data.value[0], 5)}`},
      xAxis: {type: 'value', ...axis, min: low - pad, max: high + pad, name: comparison.objective || 'value', nameLocation: 'middle', nameGap: 28,
              axisLabel: {...axis.axisLabel, showMinLabel: false, showMaxLabel: false, formatter: (v: number) => number(v)}},
      yAxis: {type: 'value', inverse: true, min: 0, max: measured.length, ...axis, axisLine: {show: false}, splitLine: {show: false},
              axisLabel: {...axis.axisLabel, color: palette.ink, fontSize: 13, customValues: measured.map((_, i) => i + 0.5),
                          formatter: (v: number) => clip(measured[Math.floor(v)]?.label ?? '', width < 600 ? 10 : 24)}},
      series: [{
        id: 'intervals', type: 'custom', silent: true, z: 2, data: measured.map((_, i) => [i]),
        renderItem: (_: unknown, api: {value: (i: number) => number; coord: (p: number[]) => number[]}) => {
          const i = api.value(0);
          const {mean, half_width: half} = measured[i];
          if (mean === null) return null;
          const [x, y] = api.coord([mean, i + 0.5]);
          const line = (x1: number, y1: number, x2: number, y2: number, lineWidth: number) =>
            ({type: 'line', shape: {x1, y1, x2, y2}, style: {stroke: color(i), lineWidth}});
          if (half === null) return line(x, y - 12, x, y + 12, 2);
          const [left] = api.coord([mean - half, 0]);
          const [right] = api.coord([mean + half, 0]);
          return {type: 'group', children: [
            {type: 'rect', shape: {x: left, y: y - 11, width: right - left, height: 22, r: 3}, style: {fill: color(i), opacity: 0.16}},
            line(x, y - 14, x, y + 14, 2.5), line(left, y - 6, left, y + 6, 1.5), line(right, y - 6, right, y + 6, 1.5), line(left, y, right, y, 1.5)]};
        },
      }, {
        id: 'seeds', type: 'scatter', z: 4, symbolSize: 9,
        data: measured.flatMap((a, i) => a.values.map((v, k) => ({value: [v, i + 0.5 + (a.values.length > 1 ? 0.12 * jitter(k) : 0)], arm: i, seed: a.seeds[k],
                                                                  itemStyle: {color: color(i), borderColor: palette.card, borderWidth: 1.5}}))),
      }],
    };
  };
  const say = (text: string, label: string) => h('div', {class: 'block'}, h('h3', {}, label), h('p', {}, text));
  const arm = arms[0];
  card.say(comparison.finding, comparison.apart.length > 0 ? `Not comparable, another objective or other data: ${list(comparison.apart.slice(0, 5).map((n) => clip(n, 30)))}.` : '');
  card.body.append(h('div', {class: 'blocks verdicts'}, say(comparison.sure, 'How sure'),
                     h('div', {class: 'block'}, h('h3', {}, 'What to try next'), h('p', {}, comparison.next),
                       comparison.command !== '' && copyable('writes a study file with the best settings found', comparison.command))));
  if (measured.length === 0) return card;
  const plot = h('div');
  const chart = new Chart(plot, () => 52 + 44 * measured.length, option);
  card.body.append(armTable(comparison, arms), plot, comparison.pairs.length > 0 && pairTable(comparison) || '',
                   h('p', {class: 'lead'}, 'Each point is the best value of one seed; bar and bracket are the mean and its 95 % Student-t interval. Differences are paired by seed, ' +
                     'each interval on its own. The sign-flip test assumes only that without a difference either sign is as likely.'));
  chart.label(`Best value of each seed by arm. ${arms.map((a) => `${a.label}: ${interval(a.mean, a.half_width)}`).join('; ')}`);
  card.controls(filesMenu(() => 'comparison', 'comparison', {
    svg: () => chart.svg(),
    csv: () => ({text: csv(['arm', 'seed', 'value'], arms.flatMap((a) => a.values.map((v, k) => [a.label, a.seeds[k], v]))), note: `Exact values; the first is ${arm.label}`}),
  }));
  app.on('theme', () => chart.update());
  return card;
}
