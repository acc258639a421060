// The axes above the lines: titles that move them, ticks, brushes, keys.
import type {App} from '../../app';
import {FONT} from '../../ui/font';
import {s} from '../../ui/dom';
import {number} from '../../ui/format';
import {fit} from '../../ui/measure';
import {choiceText} from '../../ui/scale';
import {type Axis, brushRange, type Layout, yOf} from './layout';

const HALF = 14;  // half the width in which an axis is brushed

function rangeText(axis: Axis, [low, high]: [number, number]): string {
  if (!axis.column.values) return `${number(low, 3)} to ${number(high, 3)}`;
  return axis.column.values.slice(Math.max(0, low), high + 1).map(choiceText).join(', ');
}

/** Presentation attributes only, so that the saved picture looks the same without a style sheet. */
export function drawAxes(app: App, layout: Layout, svg: SVGSVGElement): void {
  const {palette} = app;
  const spacing = layout.axes.length > 1 ? layout.axes[1].x - layout.axes[0].x : layout.width;
  const children: SVGElement[] = [];
  if (layout.axes.some((a) => a.conditional)) {
    children.push(s('line', {x1: layout.axes[0].x, x2: layout.axes[layout.axes.length - 1].x, y1: layout.inactive, y2: layout.inactive,
                             stroke: palette.line, 'stroke-dasharray': '2 4'}));
  }
  layout.axes.forEach((axis) => {
    const brush = app.view.brushes.get(axis.name);
    const {top, bottom} = layout;
    const group = s('g', {
      'data-axis': axis.name, tabindex: 0, role: 'slider', transform: `translate(${axis.x} 0)`, 'aria-orientation': 'vertical',
      'aria-label': `Axis ${axis.label}`, 'aria-valuemin': 0, 'aria-valuemax': 100,
      'aria-valuenow': brush ? Math.round(100 * axis.scale.unit(brush[1])) : 100,
      'aria-valuetext': brush ? rangeText(axis, brush) : 'everything',
      'aria-description': 'Up and down move the brush, with shift its lower end; Delete clears it; left and right move the axis',
    });
    group.append(
        s('rect', {x: -HALF, y: top - 8, width: 2 * HALF, height: bottom - top + 16, fill: 'transparent', class: 'brushable'}),
        s('line', {x1: 0, x2: 0, y1: top, y2: bottom, stroke: axis.name === app.study.objectiveAxis ? palette.ink : palette.faint,
                   'stroke-width': axis.name === app.study.objectiveAxis ? 1.5 : 1, 'pointer-events': 'none'}),
        s('text', {x: 0, y: 22, 'text-anchor': 'middle', 'font-family': FONT, 'font-size': 13, 'font-weight': 600, fill: palette.ink, class: 'axis-title'},
          s('title', {}, `${axis.name}: drag to move`), fit(axis.label, spacing - 12, 13, 600)));
    for (const tick of axis.scale.ticks) {
      const y = yOf(layout, tick.at);
      group.append(s('line', {x1: -3, x2: 3, y1: y, y2: y, stroke: palette.faint, 'pointer-events': 'none'}),
                   s('text', {x: 8, y: y + 4, 'font-family': FONT, 'font-size': 11, fill: palette.soft, stroke: palette.card,
                              'stroke-width': 3, 'paint-order': 'stroke', 'stroke-linejoin': 'round', 'pointer-events': 'none'},
                     fit(tick.label, spacing - 24, 11)));
    }
    if (axis.conditional) {
      group.append(s('circle', {cx: 0, cy: layout.inactive, r: 3, fill: palette.card, stroke: palette.faint}),
                   s('text', {x: 0, y: layout.inactive + 18, 'text-anchor': 'middle', 'font-family': FONT, 'font-size': 11, fill: palette.faint}, 'inactive'));
    }
    if (brush) {
      const half = axis.discrete ? 9 : 0;
      const y0 = Math.max(top - 8, yOf(layout, axis.scale.unit(brush[1])) - half);
      const y1 = Math.min(bottom + 8, yOf(layout, axis.scale.unit(brush[0])) + half);
      group.append(s('rect', {x: -9, y: y0, width: 18, height: Math.max(4, y1 - y0), rx: 3, fill: palette.accent, 'fill-opacity': 0.18,
                              stroke: palette.accent, 'stroke-width': 1.5, class: 'brush'}),
                   s('text', {x: 0, y: 42, 'text-anchor': 'middle', 'font-family': FONT, 'font-size': 11, fill: palette.accent},
                     fit(rangeText(axis, brush), spacing - 8, 11)));
    }
    children.push(group);
  });
  svg.replaceChildren(...children);
}

interface Drag {
  kind: 'brush' | 'move' | 'shift';
  axis: Axis;
  from: number;              // y of the start of a brush; pointer offset of a shift
  start: [number, number];   // heights of the brush when a shift began
  moved: boolean;
}

/** Pointer and keys on the axes. `layout` is asked anew each time, since axes move. */
export function handleAxes(app: App, svg: SVGSVGElement, layout: () => Layout, redraw: () => void): void {
  let drag: Drag | null = null;
  const axisOf = (target: EventTarget | null): Axis | undefined => {
    const name = (target as Element | null)?.closest('[data-axis]')?.getAttribute('data-axis');
    return layout().axes.find((a) => a.name === name);
  };
  const point = (event: PointerEvent): [number, number] => {
    const box = svg.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const heights = (axis: Axis): [number, number] => {
    const brush = app.view.brushes.get(axis.name);
    return brush ? [yOf(layout(), axis.scale.unit(brush[1])), yOf(layout(), axis.scale.unit(brush[0]))] : [layout().top, layout().bottom];
  };
  const reorder = (axis: Axis, to: number) => {
    const names = layout().axes.map((a) => a.name);
    const from = names.indexOf(axis.name);
    if (to < 0 || to >= names.length || to === from) return;
    names.splice(from, 1);
    names.splice(to, 0, axis.name);
    app.setOptions({axes: names});
  };

  svg.addEventListener('pointerdown', (event) => {
    const axis = axisOf(event.target);
    if (!axis || event.button !== 0) return;
    const [, y] = point(event);
    const target = event.target as Element;
    const kind = target.closest('.axis-title') ? 'move' : target.classList.contains('brush') ? 'shift' : 'brush';
    drag = {kind, axis, from: y, start: heights(axis), moved: false};
    svg.setPointerCapture(event.pointerId);
    event.preventDefault();
    focus(axis.name);
  });
  svg.addEventListener('pointermove', (event) => {
    if (!drag) return;
    const [x, y] = point(event);
    if (!drag.moved && Math.abs(y - drag.from) < 3 && drag.kind !== 'move') return;
    drag.moved = true;
    if (drag.kind === 'move') {
      const {axes} = layout();
      const nearest = axes.reduce((best, a, i) => (Math.abs(a.x - x) < Math.abs(axes[best].x - x) ? i : best), 0);
      reorder(drag.axis, nearest);
    } else if (drag.kind === 'shift') {
      const {top, bottom} = layout();
      const d = Math.max(top - drag.start[0], Math.min(bottom - drag.start[1], y - drag.from));
      app.setBrush(drag.axis.name, brushRange(layout(), drag.axis, drag.start[0] + d, drag.start[1] + d));
    } else {
      app.setBrush(drag.axis.name, brushRange(layout(), drag.axis, drag.from, y));
    }
  });
  const end = () => {
    // A click without a movement takes the brush away.
    if (drag && !drag.moved && drag.kind !== 'move' && app.view.brushes.has(drag.axis.name)) app.setBrush(drag.axis.name, null);
    drag = null;
  };
  svg.addEventListener('pointerup', end);
  svg.addEventListener('pointercancel', end);

  const focus = (name: string) => {
    for (const group of svg.querySelectorAll<SVGGElement>('[data-axis]')) {
      if (group.getAttribute('data-axis') === name) group.focus({preventScroll: true});
    }
  };
  svg.addEventListener('keydown', (event) => {
    const axis = axisOf(event.target);
    if (!axis) return;
    const index = layout().axes.indexOf(axis);
    const {top, bottom} = layout();
    const step = axis.discrete ? (bottom - top) / Math.max(1, axis.scale.ticks.length) : (bottom - top) / 20;
    let [y0, y1] = heights(axis);
    switch (event.key) {
      case 'ArrowLeft': reorder(axis, index - 1); break;
      case 'ArrowRight': reorder(axis, index + 1); break;
      case 'Delete': case 'Backspace': case 'Escape': app.setBrush(axis.name, null); break;
      case 'ArrowUp': case 'ArrowDown': {
        const d = event.key === 'ArrowUp' ? -step : step;
        if (event.shiftKey) y1 = Math.max(y0 + 2, Math.min(bottom, y1 + d));
        else y0 = Math.min(y1 - 2, Math.max(top, y0 + d));
        app.setBrush(axis.name, brushRange(layout(), axis, y0, y1));
        break;
      }
      default: return;
    }
    event.preventDefault();
    redraw();
    focus(axis.name);
  });
}
