// Optimisation history: every trial's value, and the best so far as one line per study.
import type {App} from '../app';
import type {ArmJson, StairsJson} from '../data/payload';
import type {Study} from '../data/study';
import {Card, segmented} from '../ui/card';
import {axisStyle, base, Chart} from '../ui/chart';
import {h} from '../ui/dom';
import {csv} from '../ui/download';
import {filesMenu} from '../ui/files';
import {clip, count, duration, number} from '../ui/format';
import {type Point, pointSeries, rowOfPoint} from '../ui/points';
import {beyond, hasOutliers, objectiveText, valueRange} from '../ui/values';

type X = App['view']['history'];

const axisName: Record<X, string> = {trial: 'trials finished', steps: 'steps trained, all trials', wall: 'wall time'};

function finding(study: Study, others: Study[]): string {
  const stairs = study.json.plots.history.trial;
  const n = stairs.x.length;
  if (n === 0) return 'No value yet';
  const since = stairs.end - stairs.x[n - 1];
  const best = stairs.number[n - 1];
  const rival = others.filter((s) => s.ranked > 0)
                    .map((s) => ({name: s.name, best: s.answer.quantiles[0], mine: study.answer.quantiles[0]}))
                    .sort((a, b) => (study.json.maximize ? b.best - a.best : a.best - b.best))[0];
  if (rival) {
    const ahead = study.json.maximize ? rival.mine > rival.best : rival.mine < rival.best;
    const text = objectiveText(study);
    if (text(rival.mine) === text(rival.best)) return `${clip(study.name, 24)} and ${clip(rival.name, 24)} reach the same ${study.json.objective}, ${text(rival.mine)}`;
    const [first, second] = ahead ? [study.name, rival.name] : [rival.name, study.name];
    const [high, low] = ahead ? [rival.mine, rival.best] : [rival.best, rival.mine];
    return `${clip(first, 24)} reaches ${text(high)}, ${clip(second, 24)} ${text(low)}`;
  }
  if (since === 0) return `The last trial, #${best}, is the best so far: the search was still improving`;
  return `Best found by trial #${best}; the ${count(since, 'trial')} after it did not improve on it`;
}

/** x of every trial that ended, in the order of the chosen axis. */
function positions(study: Study, x: X): Map<number, number> {
  const ended = study.columns.get('ended')!.data;
  const started = study.columns.get('started')!.data;
  const state = study.columns.get('state')!;
  const open = new Set(['waiting', 'running', 'paused', 'interrupted']);
  const rows = [...study.number.keys()].filter((row) => !open.has(String(state.at(row))));
  if (x === 'trial') return new Map(rows.map((row, i) => [row, i + 1]));
  const known = rows.filter((row) => !Number.isNaN(ended[row])).sort((a, b) => ended[a] - ended[b]);
  if (x === 'wall') {
    const begin = started.reduce((least, t) => (t < least ? t : least), Infinity);
    return new Map(known.map((row) => [row, ended[row] - Math.min(begin, ended[row])]));
  }
  const steps = study.columns.get('steps')!.data;
  let sum = 0;
  return new Map(known.map((row) => [row, sum += steps[row]]));
}

function staircase(stairs: StairsJson): [number, number][] {
  const points: [number, number][] = stairs.x.map((x, i) => [x, stairs.best[i]]);
  if (points.length > 0) points.push([stairs.end, points[points.length - 1][1]]);
  return points;
}

export function historyCard(app: App): Card {
  const card = new Card('history', 'History', 'wide');
  const {study} = app;
  // Only values of the same metric share an axis.
  const comparable = app.studies.filter((s) => s.json.objective === study.json.objective && s.json.maximize === study.json.maximize);
  if (app.studies.every((s) => s.ranked === 0)) {
    card.empty('No trial has a value yet', 'Each finished trial becomes a point here, and a line follows the best of them.');
    return card;
  }
  const several = comparable.length > 1;
  const text = objectiveText(study);
  const apart = app.studies.length - comparable.length;

  // Several seeds an arm: the median of each arm and its interval, in place of a line per study.
  const {comparison} = app.json;
  const seeds = comparison ? Math.max(...comparison.arms.map((a) => a.studies.length)) : 0;
  const arms = comparison && seeds > 1 && comparison.arms.length <= 8 ? comparison.arms : null;
  const envelope = (arm: ArmJson, i: number): object[] => {
    const {palette, view} = app;
    const {x, median, low, high} = arm.curves[view.history];
    const color = palette.series[i % palette.series.length];
    if (x.length === 0) return [];
    const steps = (y: number[]) => x.flatMap((at, k): [number, number][] => (k > 0 ? [[at, y[k - 1]], [at, y[k]]] : [[at, y[k]]]));
    return [{
      id: `band-${i}`, type: 'custom', silent: true, clip: true, z: 2, data: [[x[0], median[0]]],
      renderItem: (_: unknown, api: {coord: (p: number[]) => number[]}) => ({
        type: 'polygon', shape: {points: [...steps(high).map((p) => api.coord(p)), ...steps(low).map((p) => api.coord(p)).reverse()]}, style: {fill: color, opacity: 0.14},
      }),
    }, {
      id: `median-${i}`, type: 'line', step: 'end', symbol: 'none', silent: true, z: 5, data: x.map((at, k) => [at, median[k]]), lineStyle: {color, width: 2.25},
      endLabel: {show: true, color, fontSize: 12, fontWeight: i === 0 ? 600 : 400, distance: 6, formatter: clip(arm.label, 18)}, labelLayout: {moveOverlap: 'shiftY'},
    }];
  };

  const option = (width: number) => {
    const {palette, view} = app;
    const x = view.history;
    const range = valueRange(study, view.zoom);
    if (several) {
      for (const other of comparable) {
        const [low, high] = valueRange(other, view.zoom);
        range[0] = Math.min(range[0], low);
        range[1] = Math.max(range[1], high);
      }
    }
    const at = positions(study, x);
    const points = [...at].filter(([row]) => study.rank[row] > 0).map(
        ([row, px]): Point => [px, Math.max(range[0], Math.min(range[1], study.value[row])), row]);
    const labelled = several || width >= 480;
    const lines = arms ? arms.flatMap((arm, i) => envelope(arm, i)) : comparable.map((other, i) => {
      const main = other === study;
      const color = several ? palette.series[i % palette.series.length] : palette.ink;
      return {
        id: `best-${i}`, type: 'line', step: 'end', symbol: 'none', data: staircase(other.json.plots.history[x]), silent: true,
        lineStyle: {color, width: main ? 2.5 : 1.75}, z: main ? 5 : 4,
        endLabel: {show: labelled, color, fontSize: 12, fontWeight: main ? 600 : 400, distance: 6,
                   formatter: several ? clip(other.name, width < 600 ? 10 : 18) : 'best so far'},
        labelLayout: {moveOverlap: 'shiftY'},
      };
    });
    const bestRow = study.bestRow;
    const best = bestRow === undefined || !at.has(bestRow) ? [] : [{
      value: [at.get(bestRow)!, study.value[bestRow]], row: bestRow,
      label: {show: true, position: study.json.maximize ? 'top' : 'bottom', distance: 8, color: palette.accent, fontWeight: 600, fontSize: 12,
              formatter: `#${study.answer.best}  ${text(study.value[bestRow])}`},
    }];
    const wide = several ? (width < 600 ? 80 : 140) : labelled ? 80 : 16;
    return {
      ...base(palette),
      grid: {left: 8, right: wide, top: 32, bottom: 32, containLabel: true},
      xAxis: {type: 'value', ...axisStyle(palette, axisName[x]), nameLocation: 'middle', nameGap: 30, min: 0, max: 'dataMax', minInterval: x === 'wall' ? 0 : 1,
              splitLine: {show: false},
              axisLabel: {...axisStyle(palette, '').axisLabel, formatter: (v: number) => (x === 'wall' ? duration(v) : number(v))}},
      yAxis: {type: 'value', ...axisStyle(palette, study.json.objective), nameLocation: 'end', min: range[0], max: range[1],
              nameTextStyle: {color: palette.faint, align: 'left', padding: [0, 0, 4, 0]}, axisLine: {show: false},
              axisLabel: {...axisStyle(palette, '').axisLabel, showMinLabel: false, showMaxLabel: false, formatter: (v: number) => number(v)}},
      tooltip: {formatter: (p: {data: unknown}) => {
        const row = rowOfPoint(p.data);
        if (row === undefined) return '';
        return `#${study.number[row]}  ${text(study.value[row])}\nrank ${study.rank[row]} of ${study.ranked}, ` +
            `${count(study.columns.get('steps')!.data[row], 'step')}, ${String(study.columns.get('state')!.at(row))}`;
      }},
      series: [
        ...pointSeries(app, points, {id: 'trials', size: study.rows > 2000 ? 4 : study.rows > 500 ? 5 : 7, ...(several ? {color: palette.faint} : {})}),
        ...lines,
        {id: 'best', type: 'scatter', data: best, z: 9, symbolSize: 12, symbol: 'diamond',
         itemStyle: {color: palette.accent, borderColor: palette.card, borderWidth: 2}},
      ],
    };
  };

  const plot = h('div');
  const chart = new Chart(plot, (width) => (width < 600 ? 280 : 344), option, (data) => {
    const row = rowOfPoint(data);
    if (row !== undefined) app.togglePin(row);
  });
  card.body.append(plot);
  const say = () => {
    const out = beyond(study, valueRange(study, app.view.zoom));
    const notes = [
      arms ? `Median over up to ${count(seeds, 'seed')} of the best so far, with ${Math.round(100 * Math.max(...arms.map((a) => a.curves.trial.coverage)))} % intervals (order statistics); the points are the trials of ${clip(study.name, 30)}.` :
      several ? `One line per study; the points are the trials of ${study.name}.` : 'Each point is a trial, the line the best so far; the darker, the better its rank.',
      out > 0 ? `${count(out, 'trial')} lie beyond the axis and are drawn at its edge.` : '',
      apart > 0 ? `${count(apart, 'study', 'studies')} with another objective: not comparable here.` : '',
    ];
    card.say(finding(study, several ? comparable.filter((s) => s !== study) : []), notes.filter((n) => n !== '').join(' '));
    chart.label(`${finding(study, [])}. Value of each trial against ${axisName[app.view.history]}.`);
  };
  const hasWall = study.json.plots.history.wall.x.length > 0;
  card.controls(
      segmented('Horizontal axis', hasWall ? [['trial', 'Trials'], ['steps', 'Steps'], ['wall', 'Time']] : [['trial', 'Trials']],
                () => app.view.history, (history: X) => app.setOptions({history})),
      segmented('Range of values', [['all', 'All'], ['best', 'Best 75 %']],
                () => app.view.zoom || (hasOutliers(study) ? 'best' : 'all'), (zoom: 'all' | 'best') => app.setOptions({zoom})),
      filesMenu(() => study.name, 'history', {
        svg: () => chart.svg(),
        csv: () => ({
          text: csv(['study', 'number', 'x', 'value', 'state'], [...positions(study, app.view.history)].map(
              ([row, x]) => [study.name, study.number[row], x, study.value[row], study.columns.get('state')!.at(row)])),
          note: 'Exact values',
        }),
      }));
  say();
  for (const topic of ['selection', 'theme', 'pins'] as const) app.on(topic, () => chart.update());
  app.on('options', () => {
    say();
    chart.update();
  });
  return card;
}
