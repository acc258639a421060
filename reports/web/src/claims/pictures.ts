// The last pictures that the best trial of each arm left, side by side.
import type {PicturesPlotJson} from '../data/claim';
import type {ArtifactJson} from '../data/payload';
import {damaged, type Confusion, confusionPicture, type DecisionMap, DRAWINGS, type Filters, filterPictures, MAP_LEAD, mapLegend, mapPicture} from '../sections/trial/artifacts';
import {h, s} from '../ui/dom';
import {clip, number} from '../ui/format';
import {numericScale} from '../ui/scale';
import {axes, type Box, canvas, leftRoom, type Look, padded, text} from './drawing';

interface Fitted { x: number[]; y: (number | null)[]; x_name: string; y_name: string; points: {x: (number | null)[]; y: (number | null)[]} }
interface Bars { edges: number[]; counts: number[] }

const finite = (values: (number | null)[]) => values.filter((v): v is number => v !== null && Number.isFinite(v));

function fitted(look: Look, data: Fitted, y: [number, number], width: number, small: boolean): SVGSVGElement {
  const {palette} = look;
  const height = small ? 150 : 260;
  const svg = canvas(width, height);
  const yScale = numericScale(y[0], y[1], false, small ? 3 : 5);
  const box: Box = {left: leftRoom(yScale), right: width - 8, top: 22, bottom: height - 34};
  const x = numericScale(Math.min(...finite(data.x)), Math.max(...finite(data.x)), false, Math.max(2, Math.floor(width / 70)));
  const {px, py} = axes(svg, look, box, x, yScale, clip(data.x_name || 'x', 24), clip(data.y_name || 'y', 24));
  data.points.x.forEach((at, i) => {
    const value = data.points.y[i];
    if (at !== null && value !== null) svg.append(s('circle', {cx: px(at), cy: py(value), r: small ? 2 : 2.5, fill: palette.faint, opacity: 0.7}));
  });
  const line = data.x.flatMap((at, i) => (data.y[i] === null ? [] : [`${px(at).toFixed(1)} ${py(data.y[i]).toFixed(1)}`]));
  svg.append(s('path', {d: `M${line.join('L')}`, fill: 'none', stroke: palette.accent, 'stroke-width': 2.25, 'stroke-linejoin': 'round'}));
  return svg;
}

/** Bars of equal height at most: what counts is where the values lie. `range`: of all arms, so that they can be compared. */
function bars(look: Look, name: string, data: Bars | undefined, [low, high]: [number, number], width: number, small: boolean): SVGSVGElement {
  const {palette} = look;
  const height = small ? 46 : 78;
  const svg = canvas(width, height);
  const box: Box = {left: 0, right: width, top: 16, bottom: height - (small ? 2 : 18)};
  const x = numericScale(low, high, false, Math.max(2, Math.floor(width / 80)));
  const at = (v: number) => box.left + x.unit(v) * (box.right - box.left);
  if (data) {
    const density = data.counts.map((n, i) => n / Math.max(1e-300, data.edges[i + 1] - data.edges[i]));
    const most = Math.max(...density, 1e-300);
    const top = (i: number) => box.bottom - density[i] / most * (box.bottom - box.top);
    const d = density.map((_, i) => `L${at(data.edges[i]).toFixed(1)} ${top(i).toFixed(1)}L${at(data.edges[i + 1]).toFixed(1)} ${top(i).toFixed(1)}`).join('');
    svg.append(s('path', {d: `M${at(data.edges[0]).toFixed(1)} ${box.bottom}${d}L${at(data.edges[data.edges.length - 1]).toFixed(1)} ${box.bottom}Z`, fill: palette.ranks[3], opacity: 0.75}));
  }
  svg.append(s('line', {x1: box.left, x2: box.right, y1: box.bottom, y2: box.bottom, stroke: palette.faint}), text(0, 11, clip(name, 36), palette.soft));
  if (!small) {
    for (const tick of x.ticks) {
      const place = box.left + tick.at * (box.right - box.left);
      svg.append(text(place, box.bottom + 13, tick.label, palette.faint, {anchor: tick.at < 0.05 ? 'start' : tick.at > 0.95 ? 'end' : 'middle'}));
    }
  }
  if (low < 0 && high > 0) svg.append(s('line', {x1: at(0), x2: at(0), y1: box.top, y2: box.bottom, stroke: palette.faint, 'stroke-dasharray': '2 2'}));
  return svg;
}

/** Activations first, then logits, then weights; on the index a few, from the first layer to the last. */
function histogramNames(all: ArtifactJson[][], small: boolean): string[] {
  const names = [...new Set(all.flatMap((list) => list.map((a) => a.name)))];
  const order = (name: string) => (name.startsWith('activations') ? 0 : name.startsWith('logits') ? 1 : 2);
  const sorted = names.map((name, i) => ({name, i})).sort((a, b) => order(a.name) - order(b.name) || a.i - b.i).map(({name}) => name);
  const wanted = sorted.filter((name) => order(name) < 2);
  const shown = wanted.length > 0 ? wanted : sorted;
  const most = small ? 3 : 12;
  if (shown.length <= most) return shown;
  return Array.from({length: most}, (_, i) => shown[Math.round(i * (shown.length - 1) / (most - 1))]);
}

function content(look: Look, picture: string, labels: string[], all: ArtifactJson[][], width: number, small: boolean): (Node | string)[][] {
  const {palette} = look;
  const data = all.map((list) => list.filter((a) => a.problem === undefined));
  if (picture === 'fit') {
    const ys = finite(data.flat().flatMap((a) => [...(a.data as Fitted).y, ...(a.data as Fitted).points.y]));
    return data.map((list) => list.slice(-1).map((a) => fitted(look, a.data as Fitted, padded(ys), width, small)));
  }
  if (picture === 'histograms') {
    return data.map((list) => (list.length === 0 ? [] : histogramNames(data, small).map((name) => {
      const same = data.flatMap((other) => other.filter((a) => a.name === name).map((a) => a.data as Bars));
      const range: [number, number] = [Math.min(...same.map((b) => b.edges[0])), Math.max(...same.map((b) => b.edges[b.edges.length - 1]))];
      return bars(look, name, list.find((a) => a.name === name)?.data as Bars | undefined, range, width, small);
    })));
  }
  return data.map((list, arm) => list.slice(-1).flatMap((a): (Node | string)[] => {
    const name = `of ${labels[arm]}`;
    if (picture === 'map') return [mapPicture(palette, a.data as DecisionMap), ...(small ? [] : [mapLegend(palette, a.data as DecisionMap)])];
    if (picture === 'filters') return [filterPictures(palette, a.data as Filters, small ? 12 : 64)];
    if (small) return [confusionPicture(palette, a.data as Confusion, 120, `Confusion matrix ${name}`)];
    return DRAWINGS.confusion(look, a.data as never, name);
  }));
}

const LEADS: Record<string, string> = {
  map: MAP_LEAD, histograms: 'Where the values lie, at the last step recorded; the same scale for both.', filters: 'First-layer filters: blue negative, orange positive, each net at its own scale.',
  fit: 'The fitted curve over the points, at the last step recorded.', confusion: 'A row is the true class, a column the predicted one; at the last step recorded.',
};

export function picturesLead(json: PicturesPlotJson): string {
  return LEADS[json.picture] ?? '';
}

export function drawPictures(look: Look, json: PicturesPlotJson, artifacts: ArtifactJson[][], width: number, small: boolean): HTMLElement {
  const gap = small ? 12 : 32;
  const stacked = !small && (width < 480 || (json.picture === 'confusion' && width < 960));
  const each = stacked ? width : (width - gap * (json.arms.length - 1)) / Math.max(1, json.arms.length);
  const drawn = content(look, json.picture, json.arms.map((arm) => clip(arm.label, 40)), artifacts, Math.max(80, Math.floor(each)), small);
  return h('div', {class: `arms${small ? ' tight' : stacked ? ' stacked' : ''}`}, ...json.arms.map((arm, i) => h('figure', {},
    h('figcaption', {title: `${arm.label}${arm.number === null ? '' : ` (${arm.study}#${arm.number})`}`}, h('strong', {}, clip(arm.label, 40)), arm.number !== null && !small && h('span', {class: 'soft'}, ` #${number(arm.number, 10)}`)),
    ...artifacts[i].filter((a) => a.problem !== undefined).slice(0, 1).map(damaged),
    ...(drawn[i].length > 0 || artifacts[i].length > 0 ? drawn[i] : [h('p', {class: 'soft'}, arm.number === null ? 'No trial of this arm has a value.' : `Its best trial recorded none (train.record: ${json.picture}).`)]))));
}
