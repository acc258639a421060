// Slices: the objective against each parameter, side by side.
import type {App} from '../app';
import {tells} from '../data/payload';
import type {Param} from '../data/study';
import {Card} from '../ui/card';
import {axisStyle, base, Chart} from '../ui/chart';
import {h} from '../ui/dom';
import {csv} from '../ui/download';
import {filesMenu} from '../ui/files';
import {clip, number} from '../ui/format';
import {fit} from '../ui/measure';
import {type Point, pointSeries, rowOfPoint} from '../ui/points';
import {jitter, paramScale} from '../ui/scale';
import {objectiveText, valueRange} from '../ui/values';

const MOST = 12;

export function slicesCard(app: App): Card {
  const card = new Card('slices', 'Slices', 'full');
  const {study} = app;
  const order = study.json.plots.importance.map((r) => r.name);
  const rank = (p: Param) => (order.includes(p.name) ? order.indexOf(p.name) : order.length);
  const params = [...study.varied].sort((a, b) => rank(a) - rank(b)).slice(0, MOST);
  if (params.length === 0 || study.ranked === 0) {
    card.empty(params.length === 0 ? 'No parameter varies' : 'No trial has a value yet',
               'A panel for each searched parameter shows where its good values lie, once trials have finished.');
    return card;
  }
  const text = objectiveText(study);
  /** As many as fit, but rather full rows: 6 panels stand in 2 rows of 3. */
  const columnsFor = (width: number) => {
    const most = Math.max(1, Math.min(params.length, Math.floor(width / 250), 4));
    return Math.ceil(params.length / Math.ceil(params.length / most));
  };
  const rowHeight = 232;

  const option = (width: number) => {
    const {palette, view} = app;
    const columns = columnsFor(width);
    const range = valueRange(study, view.zoom);
    const left = 56;
    const gap = 24;
    const cell = (width - left - 16 - gap * (columns - 1)) / columns;
    const scales = params.map((p) => paramScale(p, cell < 220 ? 4 : 5));
    const place = params.map((_, i) => ({column: i % columns, row: Math.floor(i / columns)}));
    const discrete = (p: Param) => !p.numeric || p.ordinal.length > 0 || (p.type === 'int' && p.high - p.low < 12);
    const spread = (p: Param) => 0.28 / (p.ordinal.length || (p.numeric ? p.high - p.low + 1 : p.choices.length));
    const pad = (p: Param) => (discrete(p) && p.numeric ? spread(p) + 0.02 : 0.02);
    const axis = axisStyle(palette, '');
    return {
      ...base(palette),
      tooltip: {formatter: (p: {data: unknown; seriesId: string}) => {
        const row = rowOfPoint(p.data);
        if (row === undefined) return '';
        const param = params[Number(p.seriesId.split('-')[1])];
        const value = param.column.at(row);
        return `#${study.number[row]}  ${text(study.value[row])}\n${clip(param.name, 40)} = ${typeof value === 'number' ? number(value) : clip(String(value), 40)}`;
      }},
      grid: place.map(({column, row}) => ({left: left + column * (cell + gap), top: 36 + row * rowHeight, width: cell, height: rowHeight - 76})),
      xAxis: params.map((p, i) => ({
        type: 'value', gridIndex: i, min: -pad(p), max: 1 + pad(p), ...axis, name: fit(p.label, cell - 8, 13, 600), nameLocation: 'start', nameGap: 0,
        nameTextStyle: {color: palette.ink, fontSize: 13, fontWeight: 600, align: 'left', verticalAlign: 'top',
                        padding: [-(rowHeight - 76) - 24, 0, 0, 0]},
        splitLine: {show: false},
        axisLabel: {...axis.axisLabel, customValues: scales[i].ticks.map((t) => t.at),
                    formatter: (u: number) => clip(scales[i].ticks.find((t) => Math.abs(t.at - u) < 1e-9)?.label ?? '', 9)},
      })),
      yAxis: params.map((_, i) => ({
        type: 'value', gridIndex: i, min: range[0], max: range[1], splitNumber: 4, ...axis, axisLine: {show: false},
        axisLabel: {...axis.axisLabel, show: place[i].column === 0, showMinLabel: false, showMaxLabel: false, formatter: (v: number) => number(v)},
      })),
      series: [
        ...params.flatMap((p, i) => {
          const points: Point[] = [];
          for (let row = 0; row < study.rows; ++row) {
            const u = scales[i].unit(p.column.data[row]);
            if (Number.isNaN(u) || !(study.rank[row] > 0)) continue;
            points.push([discrete(p) ? u + jitter(row) * spread(p) : u, Math.max(range[0], Math.min(range[1], study.value[row])), row]);
          }
          return pointSeries(app, points, {id: `slice-${i}`, size: study.rows > 500 ? 4 : 6, axes: {xAxisIndex: i, yAxisIndex: i}});
        }),
        ...params.map((p, i) => {
          const row = study.bestRow!;
          const u = scales[i].unit(p.column.data[row]);
          return {
            id: `best-${i}`, type: 'scatter', xAxisIndex: i, yAxisIndex: i, symbol: 'diamond', symbolSize: 11, z: 6,
            data: Number.isNaN(u) ? [] : [{value: [discrete(p) ? u + jitter(row) * spread(p) : u, study.value[row]], row}],
            itemStyle: {color: palette.accent, borderColor: palette.card, borderWidth: 1.5},
          };
        }),
      ],
    };
  };
  const plot = h('div');
  const height = (width: number) => Math.ceil(params.length / columnsFor(width)) * rowHeight + 8;
  const chart = new Chart(plot, height, option, (data) => app.togglePin(rowOfPoint(data)!));
  card.body.append(plot);
  const first = params[0];
  const region = study.json.plots.parallel.find((r) => r.name === first.name && tells(r));
  const where = !region ? '' : first.numeric ? `${number(region.low, 3)} to ${number(region.high, 3)}` : region.choices.map(String).join(' or ');
  card.say(region ? `The best trials have ${clip(first.label, 24)} ${clip(where, 48)}` : 'Value against each parameter',
           `${study.json.objective || 'value'} against each parameter, the most important first` +
           (study.varied.length > MOST ? ` (the first ${MOST} of ${study.varied.length})` : '') +
           '. A diamond marks the best trial. Trials in which a parameter was inactive are not in its panel.');
  chart.label(`Value of each trial against ${params.map((p) => p.name).join(', ')}`);
  card.controls(filesMenu(() => study.name, 'slices', {
    svg: () => chart.svg(),
    csv: () => ({
      text: csv(['number', 'value', ...params.map((p) => p.name)],
                [...study.number.keys()].map((row) => [study.number[row], study.value[row], ...params.map((p) => p.column.at(row))])),
      note: 'Exact values',
    }),
  }));
  for (const topic of ['selection', 'theme', 'pins', 'options'] as const) app.on(topic, () => chart.update());
  return card;
}
