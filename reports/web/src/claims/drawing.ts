// A plot of a claim as SVG: the same drawing large on the report's page and small on the index; no chart library, so that sixty open at once.
import {s} from '../ui/dom';
import {FONT} from '../ui/font';
import {widthOf} from '../ui/measure';
import type {Palette} from '../ui/palette';
import type {Scale} from '../ui/scale';

export interface Look {
  palette: Palette;
}

export interface Size {
  width: number;
  small: boolean;  // on the index: fewer ticks, no tooltips
}

/** What a pointer finds near (x, y). */
export interface Spot {
  x: number;
  y: number;
  text: string;
}

export interface Drawing {
  svg: SVGSVGElement;
  spots: Spot[];
  label: string;  // what a screen reader says
}

export interface Table {
  header: string[];
  rows: (string | number | null)[][];
}

/** A kind of plot: drawn at any width, and saved as a table. */
export interface Plot {
  lead: string;  // how to read it, in a sentence
  draw(look: Look, size: Size): Drawing;
  table(): Table;
}

export function canvas(width: number, height: number): SVGSVGElement {
  return s('svg', {width, height, viewBox: `0 0 ${width} ${height}`, 'font-family': FONT, 'aria-hidden': 'true'});
}

export function text(x: number, y: number, said: string, fill: string, {size = 11, anchor = 'start', weight = 400, halo = ''} = {}): SVGTextElement {
  return s('text', {x, y, 'font-size': size, 'text-anchor': anchor, 'font-weight': weight, fill,
                    ...(halo === '' ? {} : {stroke: halo, 'stroke-width': 3, 'stroke-linejoin': 'round', 'paint-order': 'stroke'})}, said);
}

export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Of a pixel: finer is not seen, and SVG is text. */
const tenth = (pixels: number) => Math.round(10 * pixels) / 10;

/** Axes with grid lines and names; gives where values lie. */
export function axes(svg: SVGSVGElement, look: Look, box: Box, x: Scale, y: Scale, xName: string, yName: string): {px: (x: number) => number; py: (y: number) => number} {
  const {palette} = look;
  const px = (value: number) => tenth(box.left + x.unit(value) * (box.right - box.left));
  const py = (value: number) => tenth(box.bottom - y.unit(value) * (box.bottom - box.top));
  for (const tick of y.ticks) {
    const at = tenth(box.bottom - tick.at * (box.bottom - box.top));
    if (at < box.top - 1 || at > box.bottom + 1) continue;
    svg.append(s('line', {x1: box.left, x2: box.right, y1: at, y2: at, stroke: palette.line}), text(box.left - 6, at + 4, tick.label, palette.faint, {anchor: 'end'}));
  }
  svg.append(s('line', {x1: box.left, x2: box.right, y1: box.bottom, y2: box.bottom, stroke: palette.faint}));
  let free = -Infinity;
  const width = Number(svg.getAttribute('width'));
  for (const tick of x.ticks) {
    const at = tenth(box.left + tick.at * (box.right - box.left));
    const half = widthOf(tick.label, 11) / 2;
    if (at < box.left - 1 || at > box.right + 1 || at - half < free) continue;
    free = at + half + 8;
    // Wholly inside the picture, at its edges too.
    const label = Math.max(half, Math.min(at, width - half));
    svg.append(s('line', {x1: at, x2: at, y1: box.bottom, y2: box.bottom + 3, stroke: palette.faint}), text(label, box.bottom + 15, tick.label, palette.faint, {anchor: 'middle'}));
  }
  if (xName !== '') svg.append(text((box.left + box.right) / 2, box.bottom + 30, xName, palette.soft, {anchor: 'middle'}));
  if (yName !== '') svg.append(text(0, box.top - 10, yName, palette.soft));
  return {px, py};
}

/** Room for the labels of an axis at its left. */
export function leftRoom(y: Scale): number {
  return Math.ceil(Math.max(...y.ticks.map((tick) => widthOf(tick.label, 11)), 8)) + 10;
}

/** Heights of labels that would overlap, moved apart by at least `gap`, inside [low, high]. */
export function spread(wanted: number[], gap: number, low: number, high: number): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a] - wanted[b]);
  const at = [...wanted];
  let free = low;
  for (const i of order) {
    at[i] = Math.max(at[i], free);
    free = at[i] + gap;
  }
  let least = high;
  for (const i of order.reverse()) {
    at[i] = Math.min(at[i], least);
    least = at[i] - gap;
  }
  return at;
}

/** [low, high] with a little air. */
export function padded(values: number[], share = 0.06): [number, number] {
  const good = values.filter((v) => Number.isFinite(v));
  if (good.length === 0) return [0, 1];
  const [low, high] = [Math.min(...good), Math.max(...good)];
  const pad = (high - low) * share || Math.abs(low) * 0.05 || 0.5;
  return [low - pad, high + pad];
}

/** The same in logarithms; for values above 0. */
export function paddedLog(values: number[], share = 0.06): [number, number] {
  const [low, high] = padded(values.filter((v) => v > 0).map((v) => Math.log(v)), share);
  return [Math.exp(low), Math.exp(high)];
}

export type Mark = 'circle' | 'square' | 'diamond' | 'triangle';
export const MARKS: readonly Mark[] = ['circle', 'square', 'diamond', 'triangle'];

/** Lines are told apart by their marks too, not by colour alone. */
export function mark(kind: Mark, x: number, y: number, r: number, fill: string, stroke: string): SVGElement {
  if (kind === 'circle') return s('circle', {cx: x, cy: y, r, fill, stroke, 'stroke-width': 1});
  const points = kind === 'square' ? [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]] :
      kind === 'diamond' ? [[0, -1.25], [1.25, 0], [0, 1.25], [-1.25, 0]] : [[0, -1.2], [1.1, 0.9], [-1.1, 0.9]];
  return s('polygon', {points: points.map(([dx, dy]) => `${x + r * dx},${y + r * dy}`).join(' '), fill, stroke, 'stroke-width': 1});
}
