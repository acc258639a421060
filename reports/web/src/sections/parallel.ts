// Parallel coordinates: a line per trial through every varied parameter to its value. Brushing an axis filters the page.
import type {App} from '../app';
import {tells} from '../data/payload';
import type {Study} from '../data/study';
import {Card} from '../ui/card';
import {h, s} from '../ui/dom';
import {csv} from '../ui/download';
import {filesMenu} from '../ui/files';
import {clip, list, number} from '../ui/format';
import {Painter} from '../ui/painter';
import {objectiveText} from '../ui/values';
import {drawAxes, handleAxes} from './parallel/axes';
import {type Layout, makeLayout} from './parallel/layout';
import {drawLines, drawOne, Ghosts, MOST_MOVING, nearestLine, svgLines} from './parallel/lines';

function finding(study: Study): string {
  const all = study.json.plots.parallel;
  const n = Math.max(0, ...all.map((r) => r.trials));
  const regions = all.filter(tells).slice(0, 2);
  if (regions.length === 0) return study.ranked >= 10 ? 'The best trials are spread over the whole space' : 'A line for each trial';
  const parts = regions.map((r) => {
    const param = study.param(r.name)!;
    const label = clip(param.label, 20);
    if (!param.numeric) return `${label} ${clip(r.choices.map(String).join(' or '), 30)}`;
    return r.low === r.high ? `${label} ${number(r.low, 3)}` : `${label} ${number(r.low, 2)} to ${number(r.high, 2)}`;
  });
  return `The best ${n} trials share ${list(parts)}`;
}

export function parallelCard(app: App): Card {
  const card = new Card('parallel', 'Parallel coordinates', 'full');
  const {study} = app;
  if (study.varied.length === 0 || study.rows === 0) {
    card.empty(study.rows === 0 ? 'No trial yet' : 'No parameter varies',
               'Each trial becomes a line through its settings to its value; dragging along an axis keeps the lines that pass there.');
    return card;
  }
  const lines = h('canvas', {'aria-hidden': 'true'});
  const marked = h('canvas', {'aria-hidden': 'true'});
  const overlay = s('svg', {role: 'group', 'aria-label': 'Parallel coordinates'});
  const tip = h('p', {class: 'tip', hidden: true});
  const plot = h('div', {class: 'parallel'}, lines, marked, overlay, tip);
  const scroller = h('div', {class: 'scroller'}, plot);
  card.body.append(scroller);

  const height = 400;
  const ghosts = new Ghosts();
  let moving = false;
  let resting = 0;
  let layout: Layout | undefined;
  const text = objectiveText(study);
  const size = () => Math.max(scroller.clientWidth, 96 * (study.varied.length + 1));
  const context = (canvas: HTMLCanvasElement) => {
    const ratio = Math.min(3, devicePixelRatio || 1);
    if (canvas.width !== Math.round(layout!.width * ratio) || canvas.height !== Math.round(layout!.height * ratio)) {
      canvas.width = Math.round(layout!.width * ratio);
      canvas.height = Math.round(layout!.height * ratio);
      canvas.style.width = `${layout!.width}px`;
      canvas.style.height = `${layout!.height}px`;
    }
    const c = canvas.getContext('2d')!;
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    return c;
  };
  const draw = () => {
    if (!layout) start();
    layout = makeLayout(app, size(), height);
    plot.style.width = `${layout.width}px`;
    overlay.setAttribute('width', String(layout.width));
    overlay.setAttribute('height', String(layout.height));
    overlay.setAttribute('viewBox', `0 0 ${layout.width} ${layout.height}`);
    drawLines(app, layout, context(lines), ghosts, moving);
    drawOne(app, layout, context(marked), app.hover);
    const focused = (document.activeElement)?.getAttribute('data-axis');
    drawAxes(app, layout, overlay);
    if (focused !== null && focused !== undefined) {
      for (const g of overlay.querySelectorAll<SVGGElement>('[data-axis]')) if (g.getAttribute('data-axis') === focused) g.focus({preventScroll: true});
    }
  };
  const painter = new Painter(card.element, draw, true);
  const update = () => painter.update();
  const start = () => {
    layout = makeLayout(app, size(), height);
    handleAxes(app, overlay, () => layout!, draw);
    new ResizeObserver(update).observe(scroller);
  };
  plot.style.height = `${height}px`;

  overlay.addEventListener('pointermove', (event) => {
    if (!layout || event.buttons !== 0) return;
    const box = overlay.getBoundingClientRect();
    app.setHover(nearestLine(app, layout, event.clientX - box.left, event.clientY - box.top));
  });
  overlay.addEventListener('pointerleave', () => app.setHover(-1));
  overlay.addEventListener('click', (event) => {
    if (app.hover >= 0 && !(event.target as Element).closest('[data-axis]')) app.togglePin(app.hover);
  });
  app.on('hover', () => {
    if (!layout) return;
    drawOne(app, layout, context(marked), app.hover);
    tip.hidden = app.hover < 0;
    if (app.hover >= 0) tip.textContent = `#${study.number[app.hover]}  ${text(study.value[app.hover])}`;
  });
  for (const topic of ['theme', 'pins', 'options'] as const) app.on(topic, update);
  app.on('selection', () => {
    clearTimeout(resting);
    moving = study.rows > MOST_MOVING;
    update();
    if (!moving) return;
    resting = setTimeout(() => {
      moving = false;
      update();
    }, 250) as unknown as number;
  });

  card.say(finding(study), 'A line is a trial, coloured by rank: the darker (in dark mode: the brighter) the better; orange is the best or pinned. ' +
           'Drag along an axis to keep the lines that pass there, drag a title to move its axis.');
  card.controls(filesMenu(() => study.name, 'parallel', {
    svg: () => {
      const l = makeLayout(app, size(), height);
      const svg = s('svg', {});
      drawAxes(app, l, svg);
      const axes = [...svg.children].map((c) => new XMLSerializer().serializeToString(c)).join('');
      return {
        text: `<svg xmlns="http://www.w3.org/2000/svg" width="${l.width}" height="${l.height}" viewBox="0 0 ${l.width} ${l.height}">` +
            `<rect width="100%" height="100%" fill="${app.palette.card}"/>${svgLines(app, l)}${axes}</svg>`,
        width: l.width, height: l.height,
      };
    },
    csv: () => ({
      text: csv(['number', 'rank', 'value', ...study.varied.map((p) => p.name)],
                [...study.number.keys()].filter((r) => app.selection.mask[r]).map(
                    (r) => [study.number[r], study.rank[r], study.value[r], ...study.varied.map((p) => p.column.at(r))])),
      note: 'Exact values of the selected trials',
    }),
  }));
  return card;
}
