// The lines of the parallel coordinates: one path per tenth of the ranks, so that thousands are drawn in milliseconds.
import type {App} from '../../app';
import {rankColor} from '../../ui/palette';
import {crossings, type Layout} from './layout';

interface Group {
  color: string;
  opacity: number;
  width: number;
  rows: number[];
}

/** In drawing order: what is left out, unranked, then the worst to the best, then pinned ones. */
function groups(app: App): Group[] {
  const {study, selection, palette} = app;
  const opacity = Math.max(0.18, Math.min(0.9, 30 / Math.sqrt(Math.max(1, selection.count))));
  const left: Group = {color: palette.ghost, opacity: selection.count < study.rows ? 0.7 : 0, width: 1, rows: []};
  const unranked: Group = {color: palette.faint, opacity: 0.35, width: 1, rows: []};
  const tenths: Group[] = Array.from({length: 10}, (_, d) => ({
    color: rankColor(palette, d), opacity: Math.min(1, opacity * (d === 0 ? 1.6 : 1)), width: d === 0 ? 1.6 : 1.1, rows: [],
  }));
  const best: Group = {color: palette.accent, opacity: 1, width: 2.25, rows: []};
  for (let row = 0; row < study.rows; ++row) {
    if (app.isPinned(row) || (row === study.bestRow && selection.mask[row])) best.rows.push(row);
    else if (!selection.mask[row]) left.rows.push(row);
    else if (study.decile(row) < 0) unranked.rows.push(row);
    else tenths[study.decile(row)].rows.push(row);
  }
  return [left, unranked, ...tenths.reverse(), best].filter((g) => g.rows.length > 0 && g.opacity > 0);
}

function stroke(context: CanvasRenderingContext2D, layout: Layout, group: Group): void {
  context.beginPath();
  for (const row of group.rows) {
    crossings(layout, row).forEach(([x, y], i) => (i === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
  }
  context.strokeStyle = group.color;
  context.globalAlpha = group.opacity;
  context.lineWidth = group.width;
  context.stroke();
}

/** Every trial as a ghost, drawn once per layout: a brush shows it behind what it leaves, in place of drawing thousands of lines anew. */
export class Ghosts {
  private readonly canvas = document.createElement('canvas');
  private key = '';

  of(app: App, layout: Layout, scale: number): HTMLCanvasElement {
    const key = [layout.width, layout.height, scale, app.palette.ghost, ...layout.axes.map((a) => a.name)].join('\n');
    if (key !== this.key) {
      this.key = key;
      this.canvas.width = Math.round(layout.width * scale);
      this.canvas.height = Math.round(layout.height * scale);
      const context = this.canvas.getContext('2d')!;
      context.setTransform(scale, 0, 0, scale, 0, 0);
      context.lineJoin = 'round';
      stroke(context, layout, {color: app.palette.ghost, opacity: 0.7, width: 1, rows: [...app.study.number.keys()]});
    }
    return this.canvas;
  }
}

/** More lines than this are thinned while a brush moves: every so many of each tenth of the ranks. */
export const MOST_MOVING = 600;

export function drawLines(app: App, layout: Layout, context: CanvasRenderingContext2D, ghosts: Ghosts, moving = false): void {
  context.clearRect(0, 0, layout.width, layout.height);
  context.lineJoin = 'round';
  if (app.selection.count < app.study.rows) {
    context.globalAlpha = 1;
    context.drawImage(ghosts.of(app, layout, context.canvas.width / layout.width), 0, 0, layout.width, layout.height);
  }
  const every = moving ? Math.max(1, Math.ceil(app.selection.count / MOST_MOVING)) : 1;
  for (const group of groups(app)) {
    if (group.color === app.palette.ghost) continue;
    const thin = every > 1 && group.color !== app.palette.accent;
    stroke(context, layout, thin ? {...group, rows: group.rows.filter((_, i) => i % every === 0), opacity: Math.min(1, group.opacity * 1.5)} : group);
  }
  context.globalAlpha = 1;
}

export function drawOne(app: App, layout: Layout, context: CanvasRenderingContext2D, row: number): void {
  context.clearRect(0, 0, layout.width, layout.height);
  if (row < 0) return;
  context.beginPath();
  crossings(layout, row).forEach(([x, y], i) => (i === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
  context.strokeStyle = app.palette.accent;
  context.lineWidth = 2.5;
  context.stroke();
}

/** The same lines as SVG paths, for the saved picture. */
export function svgLines(app: App, layout: Layout): string {
  const path = (row: number) => crossings(layout, row).map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
  return groups(app).map((g) => `<path fill="none" stroke="${g.color}" stroke-opacity="${g.opacity.toFixed(2)}" stroke-width="${g.width}" d="${g.rows.map(path).join('')}"/>`).join('');
}

/** The trial whose line passes nearest to a point, within `reach` pixels; -1: none. */
export function nearestLine(app: App, layout: Layout, x: number, y: number, reach = 6): number {
  const {axes} = layout;
  let k = 0;
  while (k < axes.length - 2 && axes[k + 1].x < x) ++k;
  if (axes.length < 2) return -1;
  const share = (x - axes[k].x) / (axes[k + 1].x - axes[k].x);
  if (share < 0 || share > 1) return -1;
  let best = -1;
  let least = reach;
  for (let row = 0; row < app.study.rows; ++row) {
    if (!app.selection.mask[row]) continue;
    const points = crossings(layout, row);
    const distance = Math.abs(points[k][1] + share * (points[k + 1][1] - points[k][1]) - y);
    if (distance < least || (distance === least && best >= 0 && app.study.rank[row] < app.study.rank[best])) {
      least = distance;
      best = row;
    }
  }
  return best;
}
