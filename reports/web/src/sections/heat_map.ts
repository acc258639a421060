// Heat map: the best value in each cell of two parameters, width against depth first.
import type {App} from '../app';
import type {CellsJson} from '../data/payload';
import type {Study} from '../data/study';
import {Card, selectBox} from '../ui/card';
import {axisStyle, base, Chart} from '../ui/chart';
import {h} from '../ui/dom';
import {csv} from '../ui/download';
import {filesMenu} from '../ui/files';
import {clip, count, number} from '../ui/format';
import {inkOn, rampColor} from '../ui/palette';
import {choiceText} from '../ui/scale';
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
  const card = new Card('heat-map', 'Heat map', 'narrow');
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

  const option = (width: number) => {
    const {palette} = app;
    const [ax, ay] = pair();
    const found = cells();
    const values = found.map((c) => study.value[c.bestRow]);
    const sorted = [...values].sort((a, b) => (study.json.maximize ? b - a : a - b));
    const best = sorted[0];
    // One bad corner must not take the ramp from the rest.
    const worst = sorted[Math.floor((sorted.length - 1) * 0.9)];
    const share = (v: number) => (worst === best ? 0 : Math.max(0, Math.min(1, (v - best) / (worst - best))));
    const axis = axisStyle(palette, '');
    const xLabels = cellLabels(ax);
    const label = (a: CellsJson) => clip(study.param(a.name)!.label, 24);
    const cellWidth = (width - 80) / Math.max(1, xLabels.length);
    return {
      ...base(palette),
      tooltip: {...(base(palette).tooltip as object), formatter: (p: {data: {cell: Cell}}) => {
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
          const color = rampColor(palette, share(value));
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
  }, option, (data) => app.togglePin((data as {row: number}).row));
  card.body.append(plot);

  const say = () => {
    const [ax, ay] = pair();
    const found = cells();
    const label = (a: CellsJson) => clip(study.param(a.name)!.label, 20);
    const top = found.reduce<Cell | null>((b, c) => (b === null || study.rank[c.bestRow] < study.rank[b.bestRow] ? c : b), null);
    const total = Math.max(1, cellLabels(ax).length * cellLabels(ay).length);
    card.say(top ? `Best at ${label(ax)} ${cellLabels(ax)[top.x]}, ${label(ay)} ${cellLabels(ay)[top.y]}` : 'No trial in the selection',
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
    card.controls(
        selectBox('Horizontal parameter', options, ax.name, (heatX) => choose({heatX})), h('span', {class: 'by'}, '\u00d7'),
        selectBox('Vertical parameter', options, ay.name, (heatY) => choose({heatY})),
        filesMenu(() => study.name, 'heat-map', {
          svg: () => chart.svg(),
          csv: () => {
            const [x, y] = pair();
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
  app.on('theme', () => chart.update());
  app.on('options', () => {
    say();
    boxes();
    chart.resize();
  });
  return card;
}
