// Means over seeds on a grid of two parameters, coloured by rank, so that the ridge shows whatever the outliers; the best cell of each row is joined to the next.
import type {HeatMapPlotJson} from '../data/claim';
import {s} from '../ui/dom';
import {clip, number, padded} from '../ui/format';
import {fit, widthOf} from '../ui/measure';
import {inkOn, rampColor} from '../ui/palette';
import {armLabel} from './verdict';
import {canvas, type Drawing, type Look, type Plot, type Size, type Spot, text} from './drawing';

type Map = HeatMapPlotJson['maps'][number];

function drawMap(look: Look, {width, small}: Size, json: HeatMapPlotJson, map: Map, height: number): Drawing {
  const {palette} = look;
  const [columns, rows] = [json.x.labels.length, json.y.labels.length];
  const svg = canvas(width, height);
  const left = Math.ceil(Math.min(width * 0.3, Math.max(...json.y.labels.map((l) => widthOf(l, 11))))) + 8;
  const box = {left, right: width - 4, top: 24, bottom: height - 34};
  const [cw, ch] = [(box.right - box.left) / columns, (box.bottom - box.top) / rows];
  const gap = Math.min(cw, ch) > 12 ? 1 : 0;
  const center = (x: number, y: number) => [box.left + (x + 0.5) * cw, box.bottom - (y + 0.5) * ch];
  const title = json.maps.length > 1 ? `${map.label}: ${json.y.name}` : json.y.name;
  svg.append(text(0, box.top - 10, fit(title, width - 8, 11), palette.soft), text((box.left + box.right) / 2, box.bottom + 30, fit(json.x.name, width, 11), palette.soft, {anchor: 'middle'}));
  json.y.labels.forEach((label, i) => {
    if (ch >= 12 || i % Math.ceil(12 / ch) === 0) svg.append(text(box.left - 6, center(0, i)[1] + 4, fit(label, left - 8, 11), palette.faint, {anchor: 'end'}));
  });
  const widest = Math.max(...json.x.labels.map((l) => widthOf(fit(l, 72, 11), 11))) + 8;
  const every = Math.ceil(widest / cw);
  json.x.labels.forEach((label, i) => {
    if (i % every === 0) svg.append(text(center(i, 0)[0], box.bottom + 15, fit(label, 72, 11), palette.faint, {anchor: 'middle'}));
  });
  const spots: Spot[] = [];
  map.mean.forEach((mean, i) => {
    const [x, y] = center(map.x[i], map.y[i]);
    const color = rampColor(palette, map.rank[i]);
    svg.append(s('rect', {x: x - cw / 2 + gap / 2, y: y - ch / 2 + gap / 2, width: cw - gap, height: ch - gap, rx: gap * 2, fill: color}));
    const said = padded(mean, 3);
    if (!small && ch >= 18 && widthOf(said, 11) + 20 < cw) svg.append(text(x + (map.ridge[map.y[i]] === map.x[i] ? 8 : 0), y + 4, said, inkOn(color), {anchor: 'middle'}));
    spots.push({x, y, text: `${clip(json.x.name, 32)} ${clip(json.x.labels[map.x[i]], 32)}\n${clip(json.y.name, 32)} ${clip(json.y.labels[map.y[i]], 32)}\n${clip(json.metric, 32)} ${number(mean)} (${map.n[i]})`});
  });
  const dotAt = (x: number, y: number) => {
    const [cx, cy] = center(x, y);
    return [!small && cw > 56 ? cx - cw / 2 + 12 : cx, cy];
  };
  const ridge = map.ridge.flatMap((x, y) => (x < 0 ? [] : [dotAt(x, y)]));
  const d = `M${ridge.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L')}`;
  if (ridge.length > 1) svg.append(s('path', {d, fill: 'none', stroke: palette.card, 'stroke-width': 4, 'stroke-linejoin': 'round'}), s('path', {d, fill: 'none', stroke: palette.accent, 'stroke-width': 2, 'stroke-linejoin': 'round'}));
  for (const [x, y] of ridge) svg.append(s('circle', {cx: x, cy: y, r: small ? 3 : 4.5, fill: palette.accent, stroke: palette.card, 'stroke-width': 1.5}));
  const best = map.rank.indexOf(Math.min(...map.rank));
  const label = `${json.metric} over ${json.x.name} and ${json.y.name}${json.maps.length > 1 ? ` for ${map.label}` : ''}` +
      (best < 0 ? '.' : `: best ${number(map.mean[best])} at ${json.x.labels[map.x[best]]} and ${json.y.labels[map.y[best]]}.`);
  return {svg, spots, label};
}

export function heatMapPlot(shown: HeatMapPlotJson, by: string): Plot {
  const json = {...shown, maps: shown.maps.map((map) => ({...map, label: armLabel(by, map.label)}))};
  return {
    lead: `Mean ${json.metric} over seeds, coloured by rank, the best (${json.maximize ? 'largest' : 'smallest'}) strongest; the line joins the best ${json.x.name} of each ${json.y.name}.`,
    table: () => ({header: ['arm', json.x.name, json.y.name, json.metric, 'n'],
                   rows: shown.maps.flatMap((m) => m.mean.map((mean, i) => [m.label, json.x.labels[m.x[i]], json.y.labels[m.y[i]], mean, m.n[i]]))}),
    draw: (look, size) => {
      const maps = size.small ? json.maps.slice(0, 1) : json.maps;
      const columns = maps.length > 1 && size.width >= 560 ? 2 : 1;
      const width = (size.width - 24 * (columns - 1)) / columns;
      const height = size.small ? 184 : Math.min(440, Math.max(200, 58 + json.y.labels.length * 40));
      const drawings = maps.map((m) => drawMap(look, {...size, width}, json, m, height));
      const svg = canvas(size.width, Math.ceil(maps.length / columns) * height);
      const spots: Spot[] = [];
      drawings.forEach((drawing, i) => {
        const [x, y] = [(i % columns) * (width + 24), Math.floor(i / columns) * height];
        svg.append(s('g', {transform: `translate(${x} ${y})`}, ...[...drawing.svg.childNodes]));
        spots.push(...drawing.spots.map((spot) => ({...spot, x: spot.x + x, y: spot.y + y})));
      });
      return {svg, spots, label: drawings.map((d) => d.label).join(' ')};
    },
  };
}
