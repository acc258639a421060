// A trial's panels that are charts: every metric over the steps, histograms over the steps, fitted curves.
import type {App} from '../../app';
import type {Study} from '../../data/study';
import {axisStyle, base, Chart} from '../../ui/chart';
import {h} from '../../ui/dom';
import {clip, number} from '../../ui/format';
import {rampColor} from '../../ui/palette';

interface Panel {
  element: HTMLElement;
  chart: Chart;
}

interface Metrics {
  title: string;
  lines: {name: string; training: boolean; points: [number, number][]}[];
}

function pointsOf(study: Study, row: number, name: string): [number, number][] {
  const curve = study.metrics.find((m) => m.name === name)?.curves.get(row);
  return curve ? [...curve].map((y, i): [number, number] => [study.steps[row][i], y]).filter(([, y]) => Number.isFinite(y)) : [];
}

const familyOf = (name: string) => (name.includes('.') ? name.slice(0, name.indexOf('.')) : '');

/** Metrics of one thing each, "grad_norm.conv1" and "grad_norm.output": those of a name that several share, in one panel. */
export function metricFamilies(study: Study, row: number): Metrics[] {
  const families = new Map<string, Metrics['lines']>();
  for (const {name} of study.metrics) {
    const points = familyOf(name) === '' ? [] : pointsOf(study, row, name);
    if (points.length > 0) families.set(familyOf(name), [...(families.get(familyOf(name)) ?? []), {name, training: false, points}]);
  }
  return [...families].filter(([, lines]) => lines.length > 1).map(([title, lines]) => ({title, lines}));
}

/** A metric and its training twin share a panel. */
export function metricPanels(study: Study, row: number): Metrics[] {
  const points = (name: string) => pointsOf(study, row, name);
  const apart = new Set(metricFamilies(study, row).flatMap((family) => family.lines.map((line) => line.name)));
  const names = study.metrics.map((m) => m.name).filter((name) => !apart.has(name));
  const twin = (name: string) => (name.startsWith('val_') ? `train_${name.slice(4)}` : '');
  const paired = new Set(names.map(twin).filter((t) => names.includes(t)));
  return names.filter((name) => !paired.has(name)).map((name) => ({
    title: names.includes(twin(name)) ? name.slice(4) : name,
    lines: [{name, training: false, points: points(name)}, ...(paired.has(twin(name)) ? [{name: twin(name), training: true, points: points(twin(name))}] : [])]
               .filter((l) => l.points.length > 0),
  })).filter((p) => p.lines.length > 0);
}

export function metricsChart(app: App, row: number): Panel | null {
  const {study} = app;
  const panels = metricPanels(study, row).slice(0, 16);
  if (panels.length === 0) return null;
  const best = study.columns.get('best_step')!.data[row];
  const columnsFor = (width: number) => {
    const most = Math.max(1, Math.min(panels.length, Math.floor(width / 260), 4));
    return Math.ceil(panels.length / Math.ceil(panels.length / most));
  };
  const rowHeight = 208;
  const bestLine = (_: Metrics, i: number): object => ({
    id: `best-${i}`, type: 'custom', silent: true, xAxisIndex: i, yAxisIndex: i, data: [[best]], encode: {x: -1, y: -1}, z: 1,
    renderItem: (params: {coordSys: {y: number; height: number}}, api: {coord: (p: number[]) => number[]}) => {
      const [x] = api.coord([best, 0]);
      return {type: 'line', shape: {x1: x, x2: x, y1: params.coordSys.y, y2: params.coordSys.y + params.coordSys.height}, style: {stroke: app.palette.accent, lineWidth: 1}};
    },
  });
  const option = (width: number) => {
    const {palette} = app;
    const columns = columnsFor(width);
    const cell = (width - 52 * columns - 16) / columns;
    const place = panels.map((_, i) => ({left: 52 + (i % columns) * (cell + 52), top: 36 + Math.floor(i / columns) * rowHeight}));
    const axis = axisStyle(palette, '');
    return {
      ...base(palette),
      tooltip: {formatter: (p: {seriesName: string; data: [number, number]}) =>
        `${clip(p.seriesName, 40)} ${number(p.data[1], 4)}\nstep ${p.data[0]}`},
      grid: place.map(({left, top}) => ({left, top, width: cell, height: rowHeight - 76})),
      xAxis: panels.map((_, i) => ({type: 'value', gridIndex: i, ...axis, min: 'dataMin', max: 'dataMax', splitLine: {show: false}})),
      yAxis: panels.map((p, i) => ({type: 'value', gridIndex: i, ...axis, scale: true, splitNumber: 3, axisLine: {show: false}, name: clip(p.title, 26), nameLocation: 'end',
                                    nameTextStyle: {color: palette.ink, fontSize: 13, fontWeight: 600, align: 'left', padding: [0, 0, 2, -44]},
                                    axisLabel: {...axis.axisLabel, formatter: (v: number) => number(v, 3)}})),
      series: panels.flatMap((p, i) => p.lines.map((line, k): object => ({
        id: `${i}-${k}`, name: line.name, type: 'line', xAxisIndex: i, yAxisIndex: i, data: line.points, symbol: 'circle', symbolSize: 5, showSymbol: line.points.length === 1,
        lineStyle: {color: line.training ? palette.faint : palette.ranks[2], width: line.training ? 1.5 : 2, type: line.training ? [4, 4] : 'solid'},
        itemStyle: {color: line.training ? palette.faint : palette.ranks[2]},
      }))).concat(panels.flatMap((p, i) => (Number.isFinite(best) ? [bestLine(p, i)] : []))),
    };
  };
  const element = h('div');
  const chart = new Chart(element, (width) => Math.ceil(panels.length / columnsFor(width)) * rowHeight, option);
  chart.label(`Metrics of trial ${study.number[row]} over its steps: ${panels.flatMap((p) => p.lines.map((l) => `${l.name} ends at ${number(l.points[l.points.length - 1][1])}`)).join('; ')}`);
  return {element, chart};
}

/** A line for each layer or class: in colours of their own, or, where there are more than 16, along the ramp from the first to the last. */
export function familyChart(app: App, {title, lines}: Metrics): Panel {
  const {palette} = app;
  const own = palette.series.length;  // colours; the second eight lines are dashed
  const color = (i: number) => (lines.length <= 2 * own ? palette.series[i % own] : rampColor(palette, 0.8 * i / (lines.length - 1)));
  const dashed = (i: number) => lines.length <= 2 * own && i >= own;
  const values = lines.flatMap((line) => line.points.map(([, y]) => y));
  const logarithmic = Math.min(...values) > 0 && Math.max(...values) > 100 * Math.min(...values);
  const short = (name: string) => name.slice(title.length + 1);
  const option = () => {
    const axis = axisStyle(app.palette, '');
    return {
      ...base(app.palette),
      tooltip: {formatter: (p: {seriesName: string; data: [number, number]}) => `${clip(p.seriesName, 40)} ${number(p.data[1], 4)}\nstep ${p.data[0]}`},
      grid: {left: 8, right: 16, top: 12, bottom: 32, containLabel: true},
      xAxis: {type: 'value', ...axis, min: 'dataMin', max: 'dataMax', name: 'step', nameLocation: 'middle', nameGap: 28, splitLine: {show: false}},
      yAxis: {type: logarithmic ? 'log' : 'value', ...axis, scale: true, axisLine: {show: false}, axisLabel: {...axis.axisLabel, formatter: (v: number) => number(v, 3)}},
      series: lines.map((line, i) => ({id: line.name, name: line.name, type: 'line', data: line.points, symbol: 'circle', symbolSize: 5, showSymbol: line.points.length === 1,
                                       lineStyle: {color: color(i), width: 1.75, type: dashed(i) ? [5, 4] : 'solid'}, itemStyle: {color: color(i)}})),
    };
  };
  const plot = h('div');
  const chart = new Chart(plot, () => 240, option);
  chart.label(`${title} over the steps: ${lines.map((line) => `${short(line.name)} ends at ${number(line.points[line.points.length - 1][1])}`).join('; ')}`);
  const legend = lines.map((line, i) => {
    const mark = h('span', {class: 'mark'});
    if (dashed(i)) mark.style.boxShadow = `inset 0 0 0 2px ${color(i)}`;
    else mark.style.background = color(i);
    return h('li', {title: line.name}, mark, clip(short(line.name), 24));
  });
  return {element: h('div', {}, plot, h('ul', {class: 'legend'}, ...(legend.length <= 24 ? legend : [...legend.slice(0, 12), h('li', {}, `\u2026 ${legend.length - 24} more \u2026`), ...legend.slice(-12)]))), chart};
}

export interface Histogram {
  step: number;
  edges: number[];
  counts: number[];
}

/** The value below which a share of the counts lies, linear within a bin. */
export function histogramQuantile({edges, counts}: Histogram, share: number): number {
  const total = counts.reduce((a, b) => a + b, 0);
  let below = 0;
  for (let i = 0; i < counts.length; ++i) {
    if (counts[i] > 0 && below + counts[i] >= share * total) return edges[i] + (edges[i + 1] - edges[i]) * Math.max(0, (share * total - below) / counts[i]);
    below += counts[i];
  }
  return edges[edges.length - 1];
}

/** Steps from left to right, values upwards, the denser the stronger; lines at the quartiles. */
export function histogramChart(app: App, name: string, all: Histogram[]): Panel {
  const option = () => {
    const {palette} = app;
    const axis = axisStyle(palette, '');
    const [low, high] = [Math.min(...all.map((d) => d.edges[0])), Math.max(...all.map((d) => d.edges[d.edges.length - 1]))];
    const cells = all.flatMap((d, k) => {
      const next = all[k + 1]?.step ?? d.step + (k > 0 ? d.step - all[k - 1].step : 1);
      const density = d.counts.map((n, i) => n / Math.max(1e-300, d.edges[i + 1] - d.edges[i]));
      const most = Math.max(...density, 1e-300);
      return d.counts.flatMap((n, i) => (n > 0 ? [[d.step, next, d.edges[i], d.edges[i + 1], density[i] / most]] : []));
    });
    return {
      ...base(palette),
      grid: {left: 8, right: 16, top: 12, bottom: 32, containLabel: true},
      xAxis: {type: 'value', ...axis, min: all[0].step, max: 'dataMax', name: 'step', nameLocation: 'middle', nameGap: 28, splitLine: {show: false}},
      yAxis: {type: 'value', ...axis, min: low, max: high, axisLine: {show: false}, axisLabel: {...axis.axisLabel, formatter: (v: number) => number(v, 3)}},
      series: [{
        id: 'density', type: 'custom', silent: true, clip: true, encode: {x: [0, 1], y: [2, 3]}, data: cells, progressive: 0,
        renderItem: (_: unknown, api: {value: (i: number) => number; coord: (p: number[]) => number[]}) => {
          const [x0, y0] = api.coord([api.value(0), api.value(2)]);
          const [x1, y1] = api.coord([api.value(1), api.value(3)]);
          return {type: 'rect', shape: {x: x0, y: y1, width: x1 - x0 + 0.5, height: y0 - y1 + 0.5}, style: {fill: rampColor(palette, 1 - Math.sqrt(api.value(4)))}};
        },
      }, ...[0.25, 0.5, 0.75].map((q) => ({
        id: `q${q}`, type: 'line', silent: true, symbol: 'none', step: 'end', z: 4, data: all.map((d) => [d.step, histogramQuantile(d, q)]),
        lineStyle: {color: palette.accent, width: q === 0.5 ? 2 : 1, type: q === 0.5 ? 'solid' : [3, 3]},
      }))],
    };
  };
  const element = h('div');
  const chart = new Chart(element, () => 240, option);
  const last = all[all.length - 1];
  chart.label(`Histogram of ${name} over ${all.length} steps; at the end half lie between ${number(histogramQuantile(last, 0.25), 3)} and ${number(histogramQuantile(last, 0.75), 3)}`);
  return {element, chart};
}

export interface Fitted {
  x: number[];
  y: number[];
  x_name: string;
  y_name: string;
  points: {x: number[]; y: number[]};
}

export function fittedChart(app: App, data: Fitted): Panel {
  const option = () => {
    const {palette} = app;
    const axis = axisStyle(palette, '');
    return {
      ...base(palette),
      grid: {left: 8, right: 16, top: 28, bottom: 32, containLabel: true},
      xAxis: {type: 'value', ...axis, min: 'dataMin', max: 'dataMax', name: clip(data.x_name || 'x', 24), nameLocation: 'middle', nameGap: 28, splitLine: {show: false},
              axisLabel: {...axis.axisLabel, formatter: (v: number) => number(v, 3)}},
      yAxis: {type: 'value', ...axis, scale: true, name: clip(data.y_name || 'y', 24), nameTextStyle: {color: palette.faint, align: 'left'}, axisLine: {show: false},
              axisLabel: {...axis.axisLabel, formatter: (v: number) => number(v, 3)}},
      series: [
        {id: 'points', type: 'scatter', symbolSize: 5, silent: true, data: data.points.x.map((x, i) => [x, data.points.y[i]]), itemStyle: {color: palette.faint, opacity: 0.7}},
        {id: 'fit', type: 'line', symbol: 'none', silent: true, data: data.x.map((x, i) => [x, data.y[i]]), lineStyle: {color: palette.accent, width: 2.25}, z: 4},
      ],
    };
  };
  const element = h('div');
  const chart = new Chart(element, () => 280, option);
  chart.label(`The fitted curve over ${data.points.x.length} points`);
  return {element, chart};
}
