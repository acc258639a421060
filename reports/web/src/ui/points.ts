// Trials as points: one series per tenth of the ranks, which ECharts draws as one path each, however many points there are.
import type {App} from '../app';
import {rankColor} from './palette';

/** [x, y, row] */
export type Point = [number, number, number];

export interface PointStyle {
  id: string;
  size: number;
  color?: string;  // instead of the ranks'
  axes?: {xAxisIndex: number; yAxisIndex: number};
}

export function pointSeries(app: App, points: Point[], {id, size, color, axes}: PointStyle): object[] {
  const {palette, selection, study} = app;
  const left: Point[] = [];
  const pinned: Point[] = [];
  const tenths: Point[][] = Array.from({length: 10}, () => []);
  for (const point of points) {
    const row = point[2];
    if (app.isPinned(row)) pinned.push(point);
    else if (!selection.mask[row]) left.push(point);
    else tenths[Math.max(0, study.decile(row))].push(point);
  }
  const series = (name: string, data: Point[], fill: string, z: number) => ({
    id: `${id}-${name}`, type: 'scatter', ...axes, data, z, symbolSize: size, itemStyle: {color: fill, opacity: 0.9}, large: true, largeThreshold: 200,
  });
  return [
    series('left', left, palette.ghost, 2),
    ...tenths.map((data, d) => series(String(d), data, color ?? rankColor(palette, d), 3 + (9 - d) / 10)),
    {...series('pinned', pinned, palette.card, 6), symbolSize: size + 4, large: false,
     itemStyle: {color: palette.card, borderColor: palette.accent, borderWidth: 2}},
  ].filter((s) => s.data.length > 0);
}

/** The row of a point that was clicked or is shown in a tooltip; undefined for anything else. */
export function rowOfPoint(data: unknown): number | undefined {
  if (Array.isArray(data)) return data.length === 3 ? Number(data[2]) : undefined;
  return (data as {row?: number} | undefined)?.row;
}
