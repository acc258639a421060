// What a trial left beside its curves, drawn by kind. The forms are those of store/FORMAT.md; C++ has checked their sizes.
import type {ArtifactJson} from '../../data/payload';
import {h} from '../../ui/dom';
import {clip, number, percent} from '../../ui/format';
import {type Palette, rampColor} from '../../ui/palette';
import {bytesOf, mix, picture, rgb} from '../../ui/pixels';

type Drawing = (look: {palette: Palette}, data: never, name: string) => (Node | string)[];

export interface Confusion { part: string; classes: string[]; counts: number[][] }
interface Pictures { width: number; height: number; channels: number; pixels: string }
interface Examples extends Partial<Pictures> { part: string; features?: (number | null)[][]; items: {index: number | null; label: string; predicted: string; confidence: number | null; loss: number | null}[] }
export interface Filters extends Pictures { count: number; scale: number }
interface Points { x: (number | null)[]; y: (number | null)[]; class?: (number | null)[] }
export interface DecisionMap { x: [number, number]; y: [number, number]; columns: number; rows: number; classes: string[]; class: string; confidence?: string; points: Points }

/** A pixel a cell: the wrong ones the stronger the more often. */
export function confusionPicture(palette: Palette, {classes, counts}: Confusion, size: number, label: string): HTMLCanvasElement {
  const most = Math.max(1, ...counts.flatMap((row, i) => row.filter((_, k) => k !== i)));
  const pixel = (at: number) => {
    const [i, k] = [Math.floor(at / classes.length), at % classes.length];
    return rgb(i === k ? palette.line : rampColor(palette, 1 - counts[i][k] / most));
  };
  return picture(classes.length, classes.length, Math.max(2, Math.floor(size / classes.length)), label, pixel);
}

function confusion({palette}: {palette: Palette}, {part, classes, counts}: Confusion, name: string): (Node | string)[] {
  const title = `Confusion matrix${name === '' || name === 'confusion' ? '' : ` ${clip(name, 60)}`}`;
  const total = counts.flat().reduce((a, b) => a + b, 0);
  const right = counts.reduce((n, row, i) => n + row[i], 0);
  const most = Math.max(1, ...counts.flatMap((row, i) => row.filter((_, k) => k !== i)));
  const worst = counts.flatMap((row, i) => row.map((n, k) => ({n, i, k}))).filter(({i, k}) => i !== k).sort((a, b) => b.n - a.n)[0];
  const said = `${percent(right / Math.max(1, total))} of ${total.toLocaleString('en-US')} ${part} examples are right` +
      (worst && worst.n > 0 ? `; most often wrong: ${clip(classes[worst.i], 20)} taken for ${clip(classes[worst.k], 20)} (${worst.n} times).` : '.');
  if (classes.length > 40) return [h('p', {class: 'lead'}, said), confusionPicture(palette, {part, classes, counts}, 480, said)];
  const cell = (n: number, i: number, k: number) => {
    const td = h('td', {class: 'number'}, n === 0 ? '' : n.toLocaleString('en-US'));
    if (i === k) td.classList.add('diagonal');
    else if (n > 0) {
      const color = rampColor(palette, 0.95 - 0.75 * n / most);
      td.style.background = color;
      td.style.color = palette.inkOn(color);
    }
    return td;
  };
  return [h('p', {class: 'lead'}, said), h('div', {class: 'scroller', tabindex: 0, role: 'region', 'aria-label': title},
    h('table', {class: 'confusion', 'aria-label': `${title}: a row is the true class, a column the predicted one`},
      h('thead', {}, h('tr', {}, h('td', {}, 'true \\ predicted'), ...classes.map((c) => h('th', {scope: 'col', title: c}, clip(c, 8))))),
      h('tbody', {}, ...counts.map((row, i) => h('tr', {}, h('th', {scope: 'row', title: classes[i]}, clip(classes[i], 12)), ...row.map((n, k) => cell(n, i, k)))))))];
}

function pixelAt({width, height, channels}: Pictures, bytes: Uint8Array, item: number): (at: number) => [number, number, number] {
  const from = item * width * height * channels;
  return (at) => (channels === 3 ? [bytes[from + 3 * at], bytes[from + 3 * at + 1], bytes[from + 3 * at + 2]] : [bytes[from + at], bytes[from + at], bytes[from + at]]);
}

/** Examples that are no pictures: their numbers. */
function featureTable({items, features = []}: Examples): HTMLElement {
  const cell = (text: string) => h('td', {class: 'number'}, text);
  const value = (x: number | null) => (x === null ? '' : number(x, 3));
  return h('div', {class: 'scroller', tabindex: 0, role: 'region', 'aria-label': 'Worst examples'}, h('table', {class: 'plain', 'aria-label': 'Worst examples'},
    h('thead', {}, h('tr', {}, ...['true', 'predicted', 'confidence', 'loss', ...(features[0] ?? []).map((_, k) => `x${k + 1}`)].map((name, k) => h('th', {scope: 'col', class: k > 1 ? 'number' : ''}, name)))),
    h('tbody', {}, ...items.map((item, i) => h('tr', {title: item.index === null ? undefined : `example ${item.index}`}, h('th', {scope: 'row'}, clip(item.label, 20)), h('td', {}, clip(item.predicted, 20)),
      cell(item.confidence === null ? '' : percent(item.confidence)), cell(value(item.loss)), ...features[i].map((x) => cell(value(x))))))));
}

function examples(_: unknown, all: Examples): (Node | string)[] {
  const lead = h('p', {class: 'lead'}, `The ${all.items.length} ${all.part} examples with the largest loss: true class as predicted class, with the network\u2019s confidence.`);
  if (all.features || all.pixels === undefined) return [lead, featureTable(all)];
  const data = all as Examples & Pictures;
  const bytes = bytesOf(data.pixels);
  const scale = Math.max(1, Math.min(8, Math.round(80 / Math.max(data.width, data.height))));
  const figures = data.items.map((item, i) => h('figure', {},
    picture(data.width, data.height, scale, `true ${item.label}, predicted ${item.predicted}`, pixelAt(data, bytes, i)),
    h('figcaption', {title: item.index === null ? undefined : `example ${item.index}`}, h('strong', {}, clip(item.label, 12)), ` as ${clip(item.predicted, 12)}`,
      item.confidence === null ? null : h('span', {class: 'soft'}, ` ${percent(item.confidence)}`))));
  return [lead, h('div', {class: 'gallery'}, ...figures)];
}

export function filterPictures(palette: Palette, data: Filters, most: number): HTMLElement {
  const bytes = bytesOf(data.pixels);
  const [low, middle, high] = [palette.lowSign, palette.card, palette.highSign].map(rgb);
  const scale = Math.max(1, Math.min(10, Math.round(64 / Math.max(data.width, data.height))));
  const color = (item: number) => {
    const raw = pixelAt(data, bytes, item);
    if (data.channels === 3) return raw;
    return (at: number) => {
      const v = (raw(at)[0] - 128) / 127;
      return v < 0 ? mix(middle, low, -v) : mix(middle, high, v);
    };
  };
  return h('div', {class: 'gallery tight'}, ...Array.from({length: Math.min(most, data.count)}, (_, i) => picture(data.width, data.height, scale, `filter ${i + 1}`, color(i))));
}

function filters({palette}: {palette: Palette}, data: Filters): (Node | string)[] {
  return [h('p', {class: 'lead'}, `${data.count} filters of the first layer; blue negative, orange positive, full colour at \u00b1 ${number(data.scale, 2)}.`),
          filterPictures(palette, data, data.count)];
}

export function mapPicture(palette: Palette, data: DecisionMap): HTMLCanvasElement {
  const which = bytesOf(data.class);
  const sure = data.confidence === undefined ? null : bytesOf(data.confidence);
  const colors = palette.series.map(rgb);
  const paper = rgb(palette.card);
  const scale = Math.max(1, Math.round(384 / data.columns));
  const canvas = h('canvas', {width: data.columns * scale, height: data.rows * scale, class: 'map', role: 'img',
                              'aria-label': `Decision map of ${data.classes.length} classes with ${data.points.x.length} points`});
  const context = canvas.getContext('2d')!;
  for (let row = 0; row < data.rows; ++row) {
    for (let column = 0; column < data.columns; ++column) {
      const at = row * data.columns + column;
      const [r, g, b] = mix(paper, colors[which[at] % colors.length], sure ? 0.1 + 0.4 * sure[at] / 255 : 0.35);
      context.fillStyle = `rgb(${r} ${g} ${b})`;
      context.fillRect(column * scale, (data.rows - 1 - row) * scale, scale, scale);
    }
  }
  const [width, height] = [canvas.width, canvas.height];
  data.points.x.forEach((x, i) => {
    const y = data.points.y[i];
    if (x === null || y === null) return;
    context.beginPath();
    context.arc((x - data.x[0]) / (data.x[1] - data.x[0]) * width, height - (y - data.y[0]) / (data.y[1] - data.y[0]) * height, 3, 0, 2 * Math.PI);
    context.fillStyle = palette.series[(data.points.class?.[i] ?? 0) % palette.series.length];
    context.fill();
    context.strokeStyle = palette.card;
    context.stroke();
  });
  return canvas;
}

export function mapLegend(palette: Palette, data: DecisionMap): HTMLElement {
  return h('ul', {class: 'legend'}, ...data.classes.slice(0, 12).map((c, i) => {
    const mark = h('span', {class: 'mark'});
    mark.style.background = palette.series[i % palette.series.length];
    return h('li', {}, mark, clip(c, 24));
  }));
}

export const MAP_LEAD = 'What the network answers at each point of the plane; the stronger the colour, the surer. Points: validation examples.';

function decisionMap({palette}: {palette: Palette}, data: DecisionMap): (Node | string)[] {
  return [h('p', {class: 'lead'}, MAP_LEAD), mapPicture(palette, data), mapLegend(palette, data)];
}

export function damaged(artifact: ArtifactJson): Node {
  return h('p', {class: 'soft'}, `${artifact.kind} \u201c${clip(artifact.name, 60)}\u201d at step ${artifact.step}: ${artifact.problem ?? 'not known to this page'}.`);
}

/** Kinds that are pictures of one step. Those over steps and with axes are in panels.ts. */
export const DRAWINGS: Record<string, Drawing> = {
  confusion: confusion as Drawing, examples: examples as Drawing, filters: filters as Drawing, decision_map: decisionMap as Drawing,
  png: ((_: unknown, {png}: {png: string}, name: string) => [h('img', {src: `data:image/png;base64,${png}`, alt: name})]) as Drawing,
};
