// Around the sections: the bar at the top, the studies to choose from, the selection that stays in view, the foot.
import type {App} from '../app';
import {h} from '../ui/dom';
import {clip, count, date, duration, number} from '../ui/format';
import {objectiveText} from '../ui/values';

/** What the bar needs: a report, or the index of claims. */
export interface Topped {
  json: {title: string};
  live?: App['live'];
  dark: boolean;
  setTheme(theme: 'light' | 'dark'): void;
  on(topic: 'theme', listener: () => void): void;
}

export function topBar(app: Topped): HTMLElement {
  const button = h('button', {type: 'button', class: 'quiet theme', click: () => app.setTheme(app.dark ? 'light' : 'dark')});
  const update = () => {
    button.textContent = app.dark ? 'Light' : 'Dark';
    button.setAttribute('aria-label', app.dark ? 'Switch to light colours' : 'Switch to dark colours');
  };
  update();
  app.on('theme', update);
  return h('header', {class: 'top'}, h('span', {class: 'brand'}, 'Vernier'), h('h1', {title: app.json.title}, clip(app.json.title, 80)), app.live?.announced, app.live?.badge, button);
}

/** One row per study: which is shown, and how they compare. */
export function studyChooser(app: App): HTMLElement | null {
  if (app.studies.length < 2) return null;
  const rows = app.studies.map((study) => {
    const row = study.bestRow;
    const chosen = study === app.study;
    return h('tr', {class: chosen ? 'chosen' : ''},
             h('td', {}, h('button', {type: 'button', 'aria-pressed': String(chosen), title: study.name, click: () => app.setStudy(study.name)},
                           clip(study.name, 40))),
             h('td', {class: 'number strong'}, row === undefined ? '\u2013' : objectiveText(study)(study.value[row])),
             h('td', {}, study.json.objective || 'value'), h('td', {}, study.json.sampler), h('td', {}, study.json.strategy),
             h('td', {class: 'number'}, number(study.rows)), h('td', {class: 'number'}, duration(study.answer.seconds)));
  });
  const head = ['Study', 'Best', 'Objective', 'Sampler', 'Strategy', 'Trials', 'Training'];
  return h('section', {class: 'card full studies', 'aria-label': 'Studies'}, h('p', {class: 'kicker'}, count(app.studies.length, 'study', 'studies')),
           h('div', {class: 'scroller', tabindex: 0, role: 'region', 'aria-label': 'Table of studies'}, h('table', {}, h('thead', {}, h('tr', {}, ...head.map((t) =>
             h('th', {scope: 'col', class: ['Best', 'Trials', 'Training'].includes(t) ? 'number' : ''}, t)))), h('tbody', {}, ...rows))));
}

/** Appears at the foot of the screen while something is left out. */
export function selectionBar(app: App): HTMLElement {
  const text = h('span');
  const bar = h('div', {class: 'selection', role: 'status'}, text,
                h('button', {type: 'button', click: () => app.clearSelection()}, 'Show all'));
  const update = () => {
    const {selection, study, view} = app;
    bar.hidden = !selection.active;
    const axes = [...view.brushes.keys()].map((name) => (name === study.objectiveAxis ? study.json.objective || 'value' : study.param(name)?.label ?? name));
    const by = [...axes.map((a) => clip(a, 20)), ...(view.filter.trim() === '' ? [] : ['filter'])];
    text.textContent = `${selection.count.toLocaleString('en-US')} of ${count(study.rows, 'trial')} by ${by.join(', ')}`;
  };
  update();
  app.on('selection', update);
  return bar;
}

export function foot(app: App): HTMLElement {
  const {json} = app.study;
  const parts = [`Written by Vernier ${json.code_version} on ${date(app.json.created)}`, json.host === '' ? '' : `studied on ${json.host}`, `seed ${json.seed}`];
  return h('footer', {}, parts.filter((p) => p !== '').join(' \u00b7 '));
}
