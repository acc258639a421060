// The empirical distribution of values: which share of the trials is at least as good, one line per arm or study.
import type {App} from '../app';
import type {Study} from '../data/study';
import {Card} from '../ui/card';
import {axisStyle, base, Chart} from '../ui/chart';
import {h} from '../ui/dom';
import {csv} from '../ui/download';
import {filesMenu} from '../ui/files';
import {clip, count, number, percent} from '../ui/format';
import {objectiveText, valueRange} from '../ui/values';

/** Values of ranked trials, best first. */
export function sortedValues(study: Study, mask?: Uint8Array): number[] {
  const values = [...study.value].filter((_, row) => study.rank[row] > 0 && (!mask || mask[row]));
  return values.sort((a, b) => (study.json.maximize ? b - a : a - b));
}

export function distributionCard(app: App): Card {
  const card = new Card('distribution', 'Distribution of values', 'narrow');
  const {study} = app;
  const comparable = app.studies.filter((s) => s.json.objective === study.json.objective && s.json.maximize === study.json.maximize && s.ranked > 0);
  if (study.ranked < 2) {
    card.empty('Two values make a distribution', 'It shows which share of the trials reached each value: a steep end means that good settings are easy to find.');
    return card;
  }
  const text = objectiveText(study);
  const values = (s: Study) => sortedValues(s, s === study ? app.selection.mask : undefined);
  // Several seeds an arm: one line an arm, of all its trials.
  const arms = app.json.comparison?.arms.filter((a) => a.studies.some((n) => comparable.some((s) => s.name === n))) ?? [];
  const lines = arms.length > 1 && arms.length < comparable.length ?
      arms.map((a) => ({name: a.label, studies: comparable.filter((s) => a.studies.includes(s.name))})) :
      comparable.map((s) => ({name: s.name, studies: [s]}));
  const several = lines.length > 1;
  const pooled = (line: (typeof lines)[number]) => line.studies.flatMap(values).sort((a, b) => (study.json.maximize ? b - a : a - b));
  /** [value, share at least as good] as steps, from the best on. */
  const steps = (line: (typeof lines)[number]): [number, number][] => {
    const sorted = pooled(line);
    const keep = Math.max(1, Math.floor(sorted.length / 1000));
    return sorted.map((v, i): [number, number] => [v, (i + 1) / sorted.length]).filter((_, i) => i % keep === 0 || i === sorted.length - 1);
  };

  const option = (width: number) => {
    const {palette, view} = app;
    const [low, high] = valueRange(study, view.zoom);
    const axis = axisStyle(palette, '');
    return {
      ...base(palette),
      grid: {left: 8, right: 16, top: 24, bottom: 32, containLabel: true},
      tooltip: {formatter: (p: {data: [number, number]; seriesName: string}) =>
        `${several ? `${clip(p.seriesName, 30)}\n` : ''}${percent(p.data[1])} reach ${text(p.data[0])} or better`},
      xAxis: {type: 'value', ...axis, min: low, max: high, name: study.json.objective || 'value', nameLocation: 'middle', nameGap: 30, splitLine: {show: false},
              axisLabel: {...axis.axisLabel, showMinLabel: false, showMaxLabel: false, formatter: (v: number) => number(v)}},
      yAxis: {type: 'value', ...axis, min: 0, max: 1, axisLine: {show: false}, axisLabel: {...axis.axisLabel, formatter: (v: number) => percent(v)}},
      series: lines.map((line, i) => ({
        id: `edf-${i}`, name: line.name, type: 'line', symbol: 'circle', symbolSize: 5, showSymbol: false, data: steps(line), z: line.studies.includes(study) ? 4 : 3,
        step: study.json.maximize ? 'start' : 'end', clip: true,
        lineStyle: {color: several ? palette.series[i % palette.series.length] : palette.ranks[2], width: line.studies.includes(study) ? 2.5 : 1.5},
        itemStyle: {color: several ? palette.series[i % palette.series.length] : palette.ranks[2]},
        endLabel: {show: several && lines.length <= 8, formatter: clip(line.name, width < 400 ? 8 : 14), fontSize: 11,
                   color: palette.series[i % palette.series.length]},
        labelLayout: {moveOverlap: 'shiftY'},
      })),
    };
  };
  const plot = h('div');
  const chart = new Chart(plot, () => 320, option);
  card.body.append(plot);
  const say = () => {
    const sorted = values(study);
    if (sorted.length === 0) return card.say('No trial in the selection');
    const tenth = sorted[Math.floor((sorted.length - 1) / 10)];
    const half = sorted[Math.floor((sorted.length - 1) / 2)];
    const title = `A tenth of the trials reach ${text(tenth)}, half ${text(half)}`;
    card.say(title, `The share of ${several ? 'each line\u2019s trials' : count(sorted.length, 'trial')} at least as good as each value; the steeper the good end, the easier good settings are to find.`);
    chart.label(`${title}. Share of trials at least as good, against ${study.json.objective || 'value'}.`);
  };
  say();
  card.controls(filesMenu(() => study.name, 'distribution', {
    svg: () => chart.svg(),
    csv: () => ({
      text: csv(['study', 'value', 'share'], lines.flatMap((line) => pooled(line).map((v, i, all) => [line.name, v, (i + 1) / all.length]))),
      note: 'Exact values',
    }),
  }));
  for (const topic of ['selection', 'options'] as const) {
    app.on(topic, () => {
      say();
      chart.update();
    });
  }
  app.on('theme', () => chart.update());
  return card;
}
