// Means over seeds with their intervals as lines: a metric against a parameter, or learning curves.
import type {CurvesPlotJson, LinePlotJson, Side} from '../data/claim';
import {s} from '../ui/dom';
import {clip, number} from '../ui/format';
import {fit, widthOf} from '../ui/measure';
import {type Palette, rampColor} from '../ui/palette';
import {numericScale, type Scale} from '../ui/scale';
import {armLabel} from './verdict';
import {axes, type Box, canvas, type Drawing, leftRoom, type Look, mark, MARKS, padded, paddedLog, type Plot, type Size, type Spot, spread, text} from './drawing';

interface Line {
  label: string;
  title: string;  // the whole of it, for tooltips
  side: Side;
  metric: string;
  x: number[];
  mean: number[];
  half: (number | null)[];
  n: (i: number) => number;
}

interface Panel {
  x: string;
  y: string;
  logX: boolean;
  logY: boolean;
  labels: string[] | null;
  marks: boolean;
  lines: Line[];
}

const isTraining = (metric: string) => metric.startsWith('train_');

/** A colour for each label, the same for its metrics; the claim's own arms have the first two. */
function colors(palette: Palette, lines: Line[]): Map<string, string> {
  const labels = [...new Set(lines.map((l) => l.label))];
  const sideOf = (label: string) => lines.find((l) => l.label === label)!.side;
  const others = labels.filter((l) => sideOf(l) === '');
  const free = labels.length === others.length ? palette.series : palette.series.slice(2);
  return new Map(labels.map((label) => {
    const i = others.indexOf(label);
    const side = sideOf(label);
    return [label, side === 'better' ? palette.series[0] : side === 'than' ? palette.series[1] :
      others.length <= free.length ? free[i] : rampColor(palette, 0.8 * i / Math.max(1, others.length - 1))];
  }));
}

function drawPanel(look: Look, {width, small}: Size, panel: Panel, height: number): Drawing {
  const {palette} = look;
  const {lines, labels} = panel;
  const svg = canvas(width, height);
  const color = colors(palette, lines);
  const values = lines.flatMap((l) => l.mean.flatMap((m, i) => [m, m - (l.half[i] ?? 0), m + (l.half[i] ?? 0)]));
  // What the interval reaches beyond 0 cannot be drawn on a log axis; its mean is.
  const [low, high] = panel.logY ? paddedLog(values) : padded(values);
  const y = numericScale(low, high, panel.logY, small ? 3 : 6);
  const all = lines.flatMap((l) => l.x);
  const [left, right] = labels ? [-0.5, labels.length - 0.5] : panel.logX ? paddedLog(all, 0.02) : padded(all, 0.02);
  const names = lines.map((l) => l.label);
  const several = new Set(names).size > 1;
  const most = Math.max(48, Math.min(width * 0.3, small ? 96 : 200));
  const said = names.map((name) => fit(name, most, small ? 11 : 12, 600));
  const room = several ? Math.max(...said.map((t) => widthOf(t, small ? 11 : 12, 600))) + 16 : 12;
  const box: Box = {left: leftRoom(y), right: width - room, top: 24, bottom: height - (small ? 34 : 38)};
  const ticks = Math.max(3, Math.floor((box.right - box.left) / 48));
  // Few values are the ticks themselves.
  const different = [...new Set(all)].sort((a, b) => a - b);
  const plain = numericScale(left, right, panel.logX, ticks, panel.marks && different.length <= 8 ? different : []);
  const x: Scale = labels ? {...plain, ticks: labels.map((label, i) => ({at: plain.unit(i), label: fit(label, (box.right - box.left) / labels.length - 4, 11)}))} : plain;
  const {px, py} = axes(svg, look, box, x, y, fit(panel.x, box.right - box.left, 11), fit(panel.y, width - 8, 11));
  const clamp = (v: number) => (panel.logY && v <= 0 ? box.bottom : Math.max(box.top, Math.min(box.bottom, py(v))));
  const spots: Spot[] = [];
  const ends: {at: number; label: string; fill: string}[] = [];
  const shift = (k: number) => (labels ? (k - (lines.length - 1) / 2) * Math.min(10, (box.right - box.left) / labels.length / (lines.length + 1)) : 0);
  const drawn = [...lines.keys()].sort((a, b) => Number(lines[a].side !== '') - Number(lines[b].side !== ''));
  for (const k of drawn) {
    const line = lines[k];
    const fill = color.get(line.label)!;
    const shape = MARKS[[...color.keys()].indexOf(line.label) % MARKS.length];
    const training = isTraining(line.metric) && lines.some((l) => !isTraining(l.metric));
    const points = line.x.map((v, i) => ({x: px(v) + shift(k), y: py(line.mean[i]), i}));
    const band = points.filter(({i}) => line.half[i] !== null);
    if (!labels && band.length > 1) {
      const edge = (sign: number) => band.map(({x: at, i}) => `${at.toFixed(1)} ${clamp(line.mean[i] + sign * line.half[i]!).toFixed(1)}`);
      svg.append(s('path', {d: `M${edge(1).join('L')}L${edge(-1).reverse().join('L')}Z`, fill, opacity: training ? 0.08 : 0.16}));
    } else {
      for (const {x: at, i} of band) svg.append(s('path', {d: `M${at} ${clamp(line.mean[i] - line.half[i]!)}V${clamp(line.mean[i] + line.half[i]!)}`, stroke: fill, 'stroke-width': 2, opacity: 0.6}));
    }
    svg.append(s('path', {d: `M${points.map((p) => `${p.x.toFixed(1)} ${p.y.toFixed(1)}`).join('L')}`, fill: 'none', stroke: fill, 'stroke-width': line.side === '' ? 1.5 : 2,
                          'stroke-linejoin': 'round', ...(training ? {'stroke-dasharray': '4 3'} : {}), ...(labels ? {opacity: 0.35} : {})}));
    for (const p of points) {
      if (panel.marks || points.length === 1) svg.append(mark(shape, p.x, p.y, small ? 2.75 : 3.5, training ? palette.card : fill, training ? fill : palette.card));
      const half = line.half[p.i];
      spots.push({x: p.x, y: p.y, text: `${clip(line.title, 48)}\n${clip(panel.x, 32)} ${labels ? clip(labels[line.x[p.i]], 32) : number(line.x[p.i])}: ${number(line.mean[p.i])}${half === null ? '' : ` \u00b1 ${number(half, 2)}`} (${line.n(p.i)})`});
    }
    const last = points[points.length - 1];
    if (several && last && !training) ends.push({at: last.y, label: said[k], fill});
  }
  const places = spread(ends.map((e) => e.at), 14, box.top + 4, box.bottom);
  ends.forEach((end, i) => svg.append(text(box.right + 8, places[i] + 4, end.label, end.fill, {size: small ? 11 : 12, weight: 600})));
  const label = `${panel.y} against ${panel.x}. ${lines.map((l) => `${l.title}: ${number(l.mean[0], 3)} at first, ${number(l.mean[l.mean.length - 1], 3)} at last`).join('; ')}.`;
  return {svg, spots, label};
}

/** One below the other; the spots of the lower ones move down. */
function stack(drawings: Drawing[]): Drawing {
  if (drawings.length === 1) return drawings[0];
  const size = (d: Drawing, key: string) => Number(d.svg.getAttribute(key));
  const width = size(drawings[0], 'width');
  const svg = canvas(width, drawings.reduce((sum, d) => sum + size(d, 'height'), 0));
  const spots: Spot[] = [];
  let top = 0;
  for (const d of drawings) {
    svg.append(s('g', {transform: `translate(0 ${top})`}, ...[...d.svg.childNodes]));
    spots.push(...d.spots.map((spot) => ({...spot, y: spot.y + top})));
    top += size(d, 'height');
  }
  return {svg, spots, label: drawings.map((d) => d.label).join(' ')};
}

const named = (label: string, metric: string, several: boolean) => (label === '' ? metric : several ? `${label}, ${metric}` : label);

export function linePlot(json: LinePlotJson): Plot {
  const metrics = new Set(json.lines.map((l) => l.metric));
  const arms = new Set(json.lines.map((l) => l.label));
  // With one arm and several metrics, the metrics are what is told apart.
  const lines = json.lines.map((l): Line => ({label: arms.size === 1 && metrics.size > 1 ? l.metric : armLabel(json.by, l.label), title: named(armLabel(json.by, l.label), l.metric, metrics.size > 1), side: l.side, metric: arms.size === 1 ? '' : l.metric,
                                              x: l.x, mean: l.mean, half: l.half_width, n: (i) => l.n[i]}));
  const panel: Panel = {x: json.x, y: json.y, logX: json.log, logY: false, labels: json.labels, marks: true, lines};
  return {
    lead: `Means over seeds with their 95 % intervals${metrics.size > 1 && arms.size > 1 ? '; dashed: training' : ''}.`,
    table: () => ({header: ['line', 'metric', json.x, 'mean', 'half_width_95', 'n'],
                   rows: json.lines.flatMap((l) => l.x.map((x, i) => [l.label, l.metric, json.labels ? json.labels[x] : x, l.mean[i], l.half_width[i], l.n[i]]))}),
    draw: (look, size) => drawPanel(look, size, panel, size.small ? 184 : Math.max(240, Math.min(340, size.width * 0.5))),
  };
}

export function curvesPlot(json: CurvesPlotJson, by: string): Plot {
  const metrics = [...new Set(json.lines.map((l) => l.metric))];
  const arms = new Set(json.lines.map((l) => l.label));
  // A metric and its training twin share a panel.
  const family = (metric: string) => metric.replace(/^(train|val|test)_/, '');
  const families = [...new Set(metrics.map(family))];
  const panels = families.map((name): Panel => {
    const lines = json.lines.filter((l) => family(l.metric) === name);
    return {x: 'step', y: new Set(lines.map((l) => l.metric)).size === 1 ? lines[0].metric : name, logX: false, logY: json.log, labels: null, marks: false,
            lines: lines.map((l) => ({label: arms.size === 1 && metrics.length > 1 ? l.metric : armLabel(by, l.label), title: named(armLabel(by, l.label), l.metric, metrics.length > 1), side: l.side, metric: arms.size === 1 ? '' : l.metric,
                                      x: l.x, mean: l.mean, half: l.half_width, n: () => l.n}))};
  });
  const settings = [...new Map(json.lines.filter((l) => l.setting !== '').map((l) => [armLabel(by, l.label), l.setting]))].map(([label, setting]) => `${clip(label, 40)}: ${clip(setting, 120)}`);
  const dashed = arms.size > 1 && metrics.some(isTraining) && metrics.some((m) => !isTraining(m));
  return {
    lead: `Means over seeds with their 95 % intervals, each arm at its best setting${settings.length > 0 ? ` (${settings.join('; ')})` : ''}${dashed ? '; dashed: training' : ''}.`,
    table: () => ({header: ['arm', 'metric', 'step', 'mean', 'half_width_95', 'n'],
                   rows: json.lines.flatMap((l) => l.x.map((x, i) => [l.label, l.metric, x, l.mean[i], l.half_width[i], l.n]))}),
    draw: (look, size) => stack((size.small ? panels.slice(0, 1) : panels).map((p) => drawPanel(look, size, p, size.small ? 184 : Math.max(220, Math.min(320, size.width * 0.45))))),
  };
}
