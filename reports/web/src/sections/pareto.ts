// What is given up for what: two objectives, or the value against what a trial costs; the front is what no other trial beats in both.
import type {App} from '../app';
import type {TradeoffJson} from '../data/payload';
import {Card, selectBox} from '../ui/card';
import {axisStyle, base, Chart} from '../ui/chart';
import {h} from '../ui/dom';
import {csv} from '../ui/download';
import {filesMenu} from '../ui/files';
import {clip, count, distinct, duration, number, percent} from '../ui/format';
import {type Point, pointSeries, rowOfPoint} from '../ui/points';
import {logTicks} from '../ui/scale';
import {objectiveText, valueRange} from '../ui/values';

const WORDS: Record<string, string> = {seconds: 'training time', parameters: 'parameters', flops: 'FLOPs', bytes: 'bytes'};

export function paretoCard(app: App): Card {
  const {study} = app;
  const {axes, fronts, all} = study.json.plots.pareto;
  const card = new Card('pareto', axes.filter((a) => a.objective).length > 1 ? 'Objectives' : 'Value and cost', 'wide');
  if (fronts.length === 0 || study.ranked < 2) {
    card.empty('Nothing to weigh against the value yet', 'Two trials with values and different costs (parameters, FLOPs, time), or a second objective, show here what is given up for what.');
    return card;
  }
  const word = (a: TradeoffJson) => (a.objective ? clip(a.name, 28) : WORDS[a.name] ?? a.name);
  const name = (f: (typeof fronts)[number]) => (f.y === 0 ? axes[f.x].name : `${axes[f.y].name} / ${axes[f.x].name}`);
  const front = () => fronts.find((f) => name(f) === app.view.pareto) ?? fronts[0];
  const at = (axis: TradeoffJson) => (row: number): number => (axis.value === null ? study.value[row] : axis.value[row] ?? NaN);
  const text = objectiveText(study);
  const shown = (a: TradeoffJson) => (v: number) => (a.value === null ? text(v) : a.name === 'seconds' && !a.objective ? duration(v) : number(v, 3));

  const drawn = () => {
    const f = front();
    const [ax, ay] = [axes[f.x], axes[f.y]];
    const [x, y] = [at(ax), at(ay)];
    const rows = [...study.number.keys()].filter((r) => study.rank[r] > 0 && Number.isFinite(x(r)) && Number.isFinite(y(r)));
    const xs = rows.map(x);
    const [low, high] = [xs.reduce((a, b) => Math.min(a, b), Infinity), xs.reduce((a, b) => Math.max(a, b), -Infinity)];
    const log = low > 0 && high > 20 * low;
    const sorted = f.front.filter((r) => rows.includes(r)).sort((a, b) => x(a) - x(b));
    return {ax, ay, x, y, rows, low, high, log, sorted};
  };

  const option = (width: number) => {
    const {palette, view} = app;
    const {ax, ay, x, y, rows, low, high, log, sorted} = drawn();
    const tx = (v: number) => (log ? Math.log10(v) : v);
    const ys = rows.map(y);
    const full: [number, number] = [ys.reduce((a, b) => Math.min(a, b), Infinity), ys.reduce((a, b) => Math.max(a, b), -Infinity)];
    const [from, to] = ay.value === null ? valueRange(study, view.zoom) : [full[0] - (full[1] - full[0]) * 0.05 || full[0] - 1, full[1] + (full[1] - full[0]) * 0.05 || full[1] + 1];
    const clampY = (v: number) => Math.max(from, Math.min(to, v));
    const pad = (tx(high) - tx(low)) * 0.04 || 0.5;
    const axis = axisStyle(palette, '');
    const stairs: [number, number][] = [];
    sorted.forEach((r, i) => {
      if (i > 0) stairs.push([tx(x(r)), clampY(y(sorted[i - 1]))]);
      stairs.push([tx(x(r)), clampY(y(r))]);
    });
    const labels = sorted.length <= (width < 500 ? 5 : 12) ? sorted : sorted.filter((_, i) => i % Math.ceil(sorted.length / 8) === 0);
    return {
      ...base(palette),
      grid: {left: 8, right: 24, top: 28, bottom: 32, containLabel: true},
      tooltip: {formatter: (p: {data: unknown}) => {
        const row = rowOfPoint(p.data);
        return row === undefined ? '' : `#${study.number[row]}\n${word(ay)} ${shown(ay)(y(row))}\n${word(ax)} ${shown(ax)(x(row))}`;
      }},
      xAxis: {type: 'value', ...axis, name: `${word(ax)}${log ? ' (log)' : ''}`, nameLocation: 'middle', nameGap: 30, min: tx(low) - pad, max: tx(high) + pad, splitLine: {show: false},
              axisLabel: {...axis.axisLabel, showMinLabel: log, showMaxLabel: log, ...(log ? {customValues: logTicks(low, high, width < 500 ? 4 : 7).map(Math.log10)} : {}),
                          formatter: distinct((v: number) => shown(ax)(log ? 10 ** v : v))}},
      yAxis: {type: 'value', ...axis, name: word(ay), min: from, max: to, axisLine: {show: false}, nameTextStyle: {color: palette.faint, align: 'left', padding: [0, 0, 4, 0]},
              axisLabel: {...axis.axisLabel, showMinLabel: false, showMaxLabel: false, formatter: (v: number) => number(v)}},
      series: [
        ...pointSeries(app, rows.map((r): Point => [tx(x(r)), clampY(y(r)), r]), {id: 'trials', size: study.rows > 1000 ? 4 : 7}),
        {id: 'front', type: 'line', silent: true, symbol: 'none', data: stairs, z: 5, lineStyle: {color: palette.accent, width: 1.5}},
        {id: 'members', type: 'scatter', z: 8, symbolSize: 9, data: sorted.map((r) => ({
          value: [tx(x(r)), clampY(y(r))], row: r,
          label: {show: labels.includes(r), position: ay.maximize ? 'top' : 'bottom', formatter: `#${study.number[r]}`, color: palette.accent, fontSize: 11},
        })), itemStyle: {color: palette.accent, borderColor: palette.card, borderWidth: 1.5}, labelLayout: {hideOverlap: true}},
      ],
    };
  };
  const plot = h('div');
  const chart = new Chart(plot, (width) => (width < 600 ? 300 : 344), option, (data) => {
    const row = rowOfPoint(data);
    if (row !== undefined) app.togglePin(row);
  });
  card.body.append(plot);

  /** The cheapest member of the front that the noise does not tell from the best, where it is much cheaper. */
  const finding = (): string => {
    const {ax, ay, x, sorted} = drawn();
    const best = study.bestRow;
    if (ay.value !== null || ax.objective || best === undefined || sorted.length === 0) {
      return `${count(sorted.length, 'trial is', 'trials are')} on the front of ${word(ay)} and ${word(ax)}`;
    }
    const reach = study.answer.reach ?? 0;
    const within = sorted.filter((r) => Math.abs(study.value[r] - study.value[best]) <= reach).sort((a, b) => x(a) - x(b))[0] ?? best;
    const share = x(within) / x(best);
    if (within !== best && share < 0.8) return `Trial #${study.number[within]} is as good within noise with ${percent(share)} of the best\u2019s ${word(ax)}`;
    const cheap = sorted.find((r) => r !== best && x(r) < 0.8 * x(best) && study.rank[r] <= Math.max(2, study.ranked / 2)) ?? sorted[0];
    if (cheap === best) return `No cheaper trial comes near the best: ${shown(ax)(x(best))} ${ax.name === 'seconds' ? '' : word(ax)}`.trim();
    return `With ${percent(x(cheap) / x(best))} of the best\u2019s ${word(ax)}, trial #${study.number[cheap]} gives up ${number(Math.abs(study.value[cheap] - study.value[best]), 2)}`;
  };
  const say = () => {
    const {ax, ay} = drawn();
    const whole = all === null ? '' : ` On the front of all ${axes.filter((a) => a.objective).length} objectives: ${count(all.length, 'trial')}.`;
    card.say(finding(), `Orange: no other trial is at least as good in ${word(ay)} and in ${word(ax)} and better in one.${whole}`);
    chart.label(`${finding()}. ${word(ay)} against ${word(ax)}.`);
  };
  const controls = () => card.controls(
    fronts.length > 1 && selectBox('Axes', fronts.map((f): [string, string] => [name(f), f.y === 0 ? word(axes[f.x]) : clip(name(f), 30)]), name(front()), (pareto) => app.setOptions({pareto})),
    filesMenu(() => study.name, 'pareto', {
      svg: () => chart.svg(),
      csv: () => {
        const {ax, ay, x, y, rows, sorted} = drawn();
        return {text: csv(['number', ay.name, ax.name, 'on_front'], rows.map((r) => [study.number[r], y(r), x(r), sorted.includes(r)])), note: 'Exact values'};
      },
    }));
  say();
  controls();
  for (const topic of ['selection', 'theme', 'pins'] as const) app.on(topic, () => chart.update());
  app.on('options', () => {
    say();
    chart.update();
  });
  return card;
}
