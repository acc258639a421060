// Two parameters against each other, width against depth first: the best of each cell, a contour through the ranks, or every trial by rank.
import type {App} from '../app';
import type {CellsJson} from '../data/payload';
import type {Study} from '../data/study';
import {Card, segmented, selectBox} from '../ui/card';
import {axisStyle, base, Chart} from '../ui/chart';
import {h} from '../ui/dom';
import {csv} from '../ui/download';
import {filesMenu} from '../ui/files';
import {clip, count, number} from '../ui/format';
import {inkOn, rampColor} from '../ui/palette';
import {type Point, pointSeries, rowOfPoint} from '../ui/points';
import {choiceText, jitter, paramScale} from '../ui/scale';
import {bands, surface} from '../ui/surface';
import {objectiveText} from '../ui/values';

interface Cell {
  x: number;
  y: number;
  n: number;
  bestRow: number;
}

/** Width against depth where the study has them, else the two that matter most. */
function firstPair(study: Study, axes: CellsJson[]): [string, string] {
  const named = (part: string) => axes.find((a) => a.name.split('.').pop() === part)?.name;
  const width = named('width') ?? named('units') ?? named('hidden');
  const depth = named('depth') ?? named('layers');
  if (width && depth) return [width, depth];
  const byImportance = study.json.plots.importance.map((r) => r.name).filter((name) => axes.some((a) => a.name === name));
  const order = [...byImportance, ...axes.map((a) => a.name)];
  const unique = [...new Set(order)];
  return [unique[0], unique[1]];
}

function cellLabels(axis: CellsJson): string[] {
  if (axis.edges.length === 0) return axis.values.map((v) => clip(choiceText(v), 12));
  return axis.edges.slice(1).map((edge, i) => `${number(axis.edges[i], 2)}\u2013${number(edge, 2)}`);
}

export function heatMapCard(app: App): Card {
  const card = new Card('heat-map', 'Two parameters', 'narrow');
  const {study} = app;
  const varied = new Set(study.varied.map((p) => p.name));
  const axes = study.json.plots.heat_map.filter((a) => varied.has(a.name) && (a.edges.length > 2 || a.values.length > 1));
  if (axes.length < 2 || study.ranked === 0) {
    card.empty('Two varied parameters make a map', 'A study that searches over at least two parameters shows here which combinations were tried and how good the best of each was.');
    return card;
  }
  const text = objectiveText(study);
  const pair = (): [CellsJson, CellsJson] => {
    const initial = firstPair(study, axes);
    const x = axes.find((a) => a.name === app.view.heatX) ?? axes.find((a) => a.name === initial[0])!;
    const y = axes.find((a) => a.name === app.view.heatY && a !== x) ?? axes.find((a) => a.name === initial[1] && a !== x) ?? axes.find((a) => a !== x)!;
    return [x, y];
  };
  const cells = (): Cell[] => {
    const [ax, ay] = pair();
    const found = new Map<string, Cell>();
    for (let row = 0; row < study.rows; ++row) {
      const x = ax.cell[row];
      const y = ay.cell[row];
      if (x < 0 || y < 0 || !app.selection.mask[row] || !(study.rank[row] > 0)) continue;
      const key = `${x} ${y}`;
      const cell = found.get(key);
      if (!cell) {
        found.set(key, {x, y, n: 1, bestRow: row});
      } else {
        ++cell.n;
        if (study.rank[row] < study.rank[cell.bestRow]) cell.bestRow = row;
      }
    }
    return [...found.values()];
  };

  /** A contour needs two numeric axes with many values; ranks want no cells. */
  const smoothable = (a: CellsJson) => a.edges.length > 0;
  const mode = () => (app.view.heat === 'contour' && !pair().every(smoothable) ? 'best' : app.view.heat);
  const share = (row: number) => (study.ranked > 1 ? (study.rank[row] - 1) / (study.ranked - 1) : 0);

  /** Every trial as a point over the contour, or alone. */
  const scattered = (width: number) => {
    const {palette} = app;
    const [px, py] = pair().map((a) => study.param(a.name)!);
    const [sx, sy] = [paramScale(px, width < 400 ? 4 : 6), paramScale(py, 6)];
    const spread = (p: typeof px, u: number, row: number) => {
      const steps = !p.numeric ? p.choices.length : p.ordinal.length || (p.type === 'int' && p.high - p.low < 12 ? p.high - p.low + 1 : 0);
      return steps > 0 ? u + 0.3 / steps * jitter(row) : u;
    };
    const points: Point[] = [];
    for (let row = 0; row < study.rows; ++row) {
      const [x, y] = [sx.unit(px.column.data[row]), sy.unit(py.column.data[row])];
      if (Number.isNaN(x) || Number.isNaN(y) || !(study.rank[row] > 0)) continue;
      points.push([spread(px, x, row), spread(py, y, row * 7 + 3), row]);
    }
    const contour = mode() === 'contour';
    const field = contour ? surface(points.filter(([, , row]) => app.selection.mask[row]).map(([x, y, row]) => ({x, y, value: share(row)}))) : null;
    const axis = axisStyle(palette, '');
    const labelled = (scale: typeof sx) => ({...axis.axisLabel, customValues: scale.ticks.map((t) => t.at),
                                             formatter: (u: number) => clip(scale.ticks.find((t) => Math.abs(t.at - u) < 1e-9)?.label ?? '', 12)});
    const best = study.bestRow === undefined ? [] : points.filter(([, , row]) => row === study.bestRow);
    return {
      ...base(palette),
      tooltip: {formatter: (p: {data: unknown}) => {
        const row = rowOfPoint(p.data);
        if (row === undefined) return '';
        const at = (q: typeof px) => `${clip(q.label, 24)} ${choiceText(q.column.at(row))}`;
        return `#${study.number[row]}  ${text(study.value[row])}\nrank ${study.rank[row]} of ${study.ranked}\n${at(px)}\n${at(py)}`;
      }},
      grid: {left: 8, right: 16, top: 28, bottom: 32, containLabel: true},
      xAxis: {type: 'value', min: -0.02, max: 1.02, ...axis, name: clip(px.label, 24), nameLocation: 'middle', nameGap: 30, splitLine: {show: false}, axisLabel: labelled(sx)},
      yAxis: {type: 'value', min: -0.02, max: 1.02, ...axis, name: clip(py.label, 24), nameLocation: 'end',
              nameTextStyle: {color: palette.faint, align: 'left', fontSize: 12, padding: [0, 0, 4, 0]}, splitLine: {show: false}, axisLabel: labelled(sy)},
      series: [
        ...(field ? [{
          id: 'contour', type: 'custom', silent: true, z: 1, data: bands(field, 8),
          renderItem: (_: unknown, api: {value: (i: number) => number; coord: (p: number[]) => number[]}) => {
            const [from, to, row, band] = [0, 1, 2, 3].map((i) => api.value(i));
            const [x0, y0] = api.coord([from / field.size, row / field.size]);
            const [x1, y1] = api.coord([to / field.size, (row + 1) / field.size]);
            // Half a pixel over the edges: no seams between rectangles.
            return {type: 'rect', shape: {x: x0, y: y1 - 0.5, width: x1 - x0 + 0.5, height: y0 - y1 + 1}, style: {fill: rampColor(palette, (band + 0.5) / 8)}};
          },
        }] : []),
        ...(contour ? [{
          id: 'trials', type: 'scatter', z: 3, symbolSize: study.rows > 1000 ? 3 : 5, data: points.filter(([, , row]) => app.selection.mask[row]),
          itemStyle: {color: palette.card, borderColor: palette.ink, borderWidth: 1, opacity: study.rows > 400 ? 0.5 : 0.9},
        }] : pointSeries(app, points, {id: 'ranks', size: study.rows > 1000 ? 5 : study.rows > 200 ? 8 : 11})),
        {id: 'best', type: 'scatter', symbol: 'diamond', symbolSize: 13, z: 7, data: best.map(([x, y, row]) => ({value: [x, y], row})),
         itemStyle: {color: palette.accent, borderColor: palette.card, borderWidth: 2}},
      ],
    };
  };

  const option = (width: number) => {
    if (mode() !== 'best') return scattered(width);
    const {palette} = app;
    const [ax, ay] = pair();
    const found = cells();
    const values = found.map((c) => study.value[c.bestRow]);
    const sorted = [...values].sort((a, b) => (study.json.maximize ? b - a : a - b));
    const best = sorted[0];
    // One bad corner must not take the ramp from the rest.
    const worst = sorted[Math.floor((sorted.length - 1) * 0.9)];
    const shade = (v: number) => (worst === best ? 0 : Math.max(0, Math.min(1, (v - best) / (worst - best))));
    const axis = axisStyle(palette, '');
    const xLabels = cellLabels(ax);
    const label = (a: CellsJson) => clip(study.param(a.name)!.label, 24);
    const cellWidth = (width - 80) / Math.max(1, xLabels.length);
    return {
      ...base(palette),
      tooltip: {formatter: (p: {data: {cell: Cell}}) => {
        const {cell} = p.data;
        return `best ${text(study.value[cell.bestRow])}  #${study.number[cell.bestRow]}\n${label(ax)} ${xLabels[cell.x]}\n` +
            `${label(ay)} ${cellLabels(ay)[cell.y]}\n${count(cell.n, 'trial')}`;
      }},
      grid: {left: 8, right: 8, top: 28, bottom: 32, containLabel: true},
      xAxis: {type: 'category', data: xLabels, ...axis, name: label(ax), nameLocation: 'middle', nameGap: cellWidth < 52 ? 52 : 30,
              axisLabel: {...axis.axisLabel, interval: 0, rotate: cellWidth < 52 ? 45 : 0}, splitLine: {show: false}, axisLine: {show: false}},
      yAxis: {type: 'category', data: cellLabels(ay), ...axis, name: label(ay), nameLocation: 'end',
              nameTextStyle: {color: palette.faint, align: 'left', fontSize: 12, padding: [0, 0, 4, 0]}, splitLine: {show: false}, axisLine: {show: false}},
      series: [{
        id: 'cells', type: 'heatmap', progressive: 0,
        data: found.map((cell) => {
          const value = study.value[cell.bestRow];
          const color = rampColor(palette, shade(value));
          return {
            value: [cell.x, cell.y, value], cell, row: cell.bestRow,
            itemStyle: {color, borderColor: cell.bestRow === study.bestRow ? palette.accent : palette.card, borderWidth: cell.bestRow === study.bestRow ? 3 : 2,
                        borderRadius: 4},
            label: {show: cellWidth >= 40, color: inkOn(color), fontSize: 11, formatter: text(value)},
            z: cell.bestRow === study.bestRow ? 4 : 3,
          };
        }),
      }],
    };
  };
  const plot = h('div');
  const chart = new Chart(plot, () => {
    const rows = cellLabels(pair()[1]).length;
    return Math.min(480, Math.max(384, 96 + 72 * rows));
  }, option, (data) => {
    const row = rowOfPoint(data);
    if (row !== undefined) app.togglePin(row);
  });
  card.body.append(plot);

  const say = () => {
    const [ax, ay] = pair();
    const found = cells();
    const label = (a: CellsJson) => clip(study.param(a.name)!.label, 20);
    const top = found.reduce<Cell | null>((b, c) => (b === null || study.rank[c.bestRow] < study.rank[b.bestRow] ? c : b), null);
    const total = Math.max(1, cellLabels(ax).length * cellLabels(ay).length);
    card.say(top ? `Best at ${label(ax)} ${cellLabels(ax)[top.x]}, ${label(ay)} ${cellLabels(ay)[top.y]}` : 'No trial in the selection',
             mode() === 'contour' ? 'Mean rank of the trials around each point, the darker (in dark mode: the brighter) the better; blank where none is near. The diamond is the best.' :
             mode() === 'rank' ? 'Each trial, coloured by its rank: the darker (in dark mode: the brighter) the better. The diamond is the best.' :
             `The best ${study.json.objective || 'value'} in each cell; ${found.length} of ${total} cells ${app.selection.active ? 'hold selected trials' : 'were tried'}.`);
    chart.label(`${label(ax)} against ${label(ay)}: ${found.map((c) => `${cellLabels(ax)[c.x]}, ${cellLabels(ay)[c.y]}: ${text(study.value[c.bestRow])}`).join('; ')}`);
  };
  const boxes = () => {
    const [ax, ay] = pair();
    const options = axes.map((a): [string, string] => [a.name, clip(study.param(a.name)!.label, 24)]);
    const choose = (change: {heatX?: string; heatY?: string}) => {
      const [x, y] = pair();
      const next = {heatX: x.name, heatY: y.name, ...change};
      // Choosing the other axis' parameter swaps them.
      if (next.heatX === next.heatY) Object.assign(next, change.heatX ? {heatY: x.name} : {heatX: y.name});
      app.setOptions(next);
    };
    const kinds: ['best' | 'contour' | 'rank', string][] = [['best', 'Cells'], ['contour', 'Contour'], ['rank', 'Ranks']];
    card.controls(
        segmented('How the plane is drawn', kinds.filter(([kind]) => kind !== 'contour' || pair().every(smoothable)), mode, (heat) => app.setOptions({heat})),
        selectBox('Horizontal parameter', options, ax.name, (heatX) => choose({heatX})), h('span', {class: 'by'}, '\u00d7'),
        selectBox('Vertical parameter', options, ay.name, (heatY) => choose({heatY})),
        filesMenu(() => study.name, 'heat-map', {
          svg: () => chart.svg(),
          csv: () => {
            const [x, y] = pair();
            if (mode() !== 'best') {
              const rows = [...study.number.keys()].filter((r) => app.selection.mask[r] && study.rank[r] > 0);
              const [px, py] = [study.param(x.name)!, study.param(y.name)!];
              return {text: csv(['number', 'rank', 'value', x.name, y.name],
                                rows.map((r) => [study.number[r], study.rank[r], study.value[r], px.column.at(r), py.column.at(r)])),
                      note: 'Exact values of the selected trials'};
            }
            return {
              text: csv([x.name, y.name, 'best value', 'trial', 'trials'],
                        cells().map((c) => [cellLabels(x)[c.x], cellLabels(y)[c.y], study.value[c.bestRow], study.number[c.bestRow], c.n])),
              note: 'Exact values',
            };
          },
        }));
  };
  say();
  boxes();
  app.on('selection', () => {
    say();
    chart.update();
  });
  for (const topic of ['theme', 'pins'] as const) app.on(topic, () => chart.update());
  app.on('options', () => {
    say();
    boxes();
    chart.resize();
  });
  return card;
}
