// Where the axes of the parallel coordinates stand and where each trial crosses them.
import type {App} from '../../app';
import type {Column, Study} from '../../data/study';
import {numericScale, paramScale, type Scale} from '../../ui/scale';

export interface Axis {
  name: string;
  label: string;
  column: Column;
  scale: Scale;
  discrete: boolean;  // a text or a whole number: brushes snap to whole positions
  conditional: boolean;
  x: number;
}

export interface Layout {
  axes: Axis[];
  width: number;
  height: number;
  top: number;     // y of the axes' upper end
  bottom: number;
  inactive: number;  // y of the mark of inactive parameters
}

/** The default: the least important parameter first, so that what matters stands next to the value. */
function order(app: App): string[] {
  const {study, view} = app;
  const varied = study.varied.map((p) => p.name);
  const importance = study.json.plots.importance.map((r) => r.name).filter((name) => varied.includes(name)).reverse();
  const initial = [...varied.filter((name) => !importance.includes(name)), ...importance, study.objectiveAxis];
  const chosen = view.axes.filter((name) => initial.includes(name));
  return [...chosen, ...initial.filter((name) => !chosen.includes(name))];
}

function objectiveScale(study: Study): Scale {
  const q = study.answer.quantiles;
  const [best, worst] = q.length > 0 ? [q[0], q[6]] : [1, 0];
  const [low, high] = best < worst ? [best, worst] : [worst, best];
  return numericScale(low, high === low ? low + 1 : high, false, 7);
}

export function makeLayout(app: App, width: number, height: number): Layout {
  const {study} = app;
  const top = 56;
  const conditional = study.varied.some((p) => p.column.data.some(Number.isNaN));
  const bottom = height - (conditional ? 56 : 24);
  const names = order(app);
  const side = Math.min(72, width / (names.length + 1));
  const axes = names.map((name, i): Axis => {
    const param = study.param(name);
    const scale = name === study.objectiveAxis ? objectiveScale(study) : paramScale(param!, 7);
    const column = study.axis(name)!;
    return {
      name, column, scale,
      label: name === study.objectiveAxis ? study.json.objective || 'value' : param!.label,
      discrete: param !== undefined && (!param.numeric || param.type === 'int'),
      conditional: param !== undefined && column.data.some(Number.isNaN),
      x: names.length === 1 ? width / 2 : side + i * (width - 2 * side) / (names.length - 1),
    };
  });
  return {axes, width, height, top, bottom, inactive: height - 24};
}

export function yOf({top, bottom}: Layout, unit: number): number {
  return bottom - Math.max(0, Math.min(1, unit)) * (bottom - top);
}

/** The points of one trial; a gap (NaN) where the objective is missing. */
export function crossings(layout: Layout, row: number): [number, number][] {
  return layout.axes.map((axis) => {
    const unit = axis.scale.unit(axis.column.data[row]);
    return [axis.x, Number.isNaN(unit) ? layout.inactive : yOf(layout, unit)];
  });
}

/** A brush's ends, in the axis' values, from two heights. Whole numbers and choices are taken whole. */
export function brushRange(layout: Layout, axis: Axis, y0: number, y1: number): [number, number] {
  const unit = (y: number) => Math.max(0, Math.min(1, (layout.bottom - y) / (layout.bottom - layout.top)));
  const [low, high] = [axis.scale.value(unit(Math.max(y0, y1))), axis.scale.value(unit(Math.min(y0, y1)))];
  return axis.discrete ? [Math.ceil(low - 1e-9), Math.floor(high + 1e-9)] : [low, high];
}
