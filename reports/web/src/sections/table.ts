// Every trial: sorted, filtered by expression, pinned and compared; only the rows in view are in the page.
import type {App} from '../app';
import type {Column, Study} from '../data/study';
import {Card} from '../ui/card';
import {h, replace} from '../ui/dom';
import {csv, download, fileName} from '../ui/download';
import {clip, count, duration, list, number, padded} from '../ui/format';
import {objectiveText} from '../ui/values';
import {compareTable} from './compare';

const ROW = 32;  // px; page.css has the same

export interface TableColumn {
  name: string;  // unique among the columns
  label: string;
  column: Column;
  text: (row: number) => string;
}

export function tableColumns(study: Study): TableColumn[] {
  const value = objectiveText(study);
  const taken = new Set<string>();
  const of = (column: Column, label: string, text: (x: number) => string = number): TableColumn => {
    let {name} = column;
    while (taken.has(name)) name += ' ';
    taken.add(name);
    return {
      name, label, column,
      text: (row) => {
        const v = column.at(row);
        return v === null ? '' : typeof v === 'number' ? text(v) : String(v);
      },
    };
  };
  const trial = (name: string) => study.columns.get(name)!;
  const used = (name: string) => trial(name).data.some((x) => !Number.isNaN(x));
  return [
    of(trial('rank'), 'rank'), of(trial('value'), study.json.objective || 'value', value), of(trial('state'), 'state'),
    ...study.params.map((p) => of(p.column, p.label, p.type === 'float' ? padded : number)),
    ...study.metrics.filter((m) => m.name !== study.json.objective).map((m) => of(m.atBest, m.name, padded)),
    of(trial('steps'), 'steps'), of(trial('seconds'), 'time', duration),
    ...(['device', 'tags', 'note', 'reason'] as const).filter(used).map((name) => of(trial(name), name)),
  ];
}

/** Missing values last, whatever the direction. */
export function sortRows(study: Study, rows: number[], column: Column, descending: boolean): number[] {
  const key = (row: number) => column.at(row);
  return rows.sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    if (x === null || y === null) return x === y ? study.number[a] - study.number[b] : x === null ? 1 : -1;
    const d = typeof x === 'string' || typeof y === 'string' ? (String(x) < String(y) ? -1 : String(x) > String(y) ? 1 : 0) : Number(x) - Number(y);
    return (descending ? -d : d) || study.number[a] - study.number[b];
  });
}

function finding(study: Study): string {
  const states = Object.entries(study.answer.states).sort((a, b) => b[1] - a[1]).map(([state, n]) => `${n} ${state}`);
  return study.rows === 0 ? 'No trial yet' : `${count(study.rows, 'trial')}: ${list(states)}`;
}

export function tableCard(app: App): Card {
  const card = new Card('trials', 'Trials', 'full');
  const {study} = app;
  if (study.rows === 0) {
    card.empty('No trial yet', 'Trials appear here as soon as they have started.');
    return card;
  }
  const columns = tableColumns(study);
  let rows: number[] = [];

  const counter = h('p', {class: 'count', role: 'status', 'aria-live': 'polite'});
  const problem = h('p', {class: 'problem', id: 'filter-problem', role: 'alert'});
  const input = h('input', {
    type: 'search', id: 'filter', spellcheck: 'false', autocomplete: 'off', 'aria-label': 'Filter expression', 'aria-describedby': 'filter-problem',
    placeholder: example(study),
  });
  let typing = 0;
  input.addEventListener('input', () => {
    clearTimeout(typing);
    typing = setTimeout(() => app.setFilter(input.value), 120) as unknown as number;
  });
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    clearTimeout(typing);
    app.setFilter(input.value);
  });
  const clear = h('button', {type: 'button', class: 'quiet', click: () => app.clearSelection()}, 'Clear filter and brushes');

  const head = (name: string, label: string, style: string) => h('th', {scope: 'col', 'data-column': name, class: style}, h('button', {
    type: 'button', title: name,
    click: () => {
      const {sort, descending} = app.view;
      app.setOptions(sort === name ? {descending: !descending} : {sort: name, descending: false});
    },
  }, clip(label, 22)));
  const heads = [head('number', 'Trial', 'pin'), ...columns.map((c) => head(c.name, c.label, c.column.isText ? '' : 'number'))];
  const body = h('tbody');
  const table = h('table', {class: 'trials'},
                  h('thead', {}, h('tr', {}, ...heads)), body);
  const frame = h('div', {class: 'frame', tabindex: 0, role: 'region', 'aria-label': 'Table of trials'}, table);
  const compared = h('div', {class: 'compared'});

  const line = (row: number) => {
    const pinned = app.isPinned(row);
    const name = `#${study.number[row]}`;
    const element = h('tr', {'data-row': row, class: pinned ? 'pinned' : row === study.bestRow ? 'best' : ''},
                      h('td', {class: 'pin'}, h('button', {
                          type: 'button', 'aria-pressed': String(pinned), 'aria-label': `Pin trial ${name}`, title: pinned ? 'Unpin' : 'Pin to compare',
                          click: () => app.togglePin(row),
                        }, name), h('button', {
                          type: 'button', class: 'open', 'aria-label': `Show the page of trial ${name}`, title: 'Show its page',
                          click: () => {
                            app.setTrial(study.number[row]);
                            document.getElementById('trial')?.scrollIntoView({block: 'start'});
                          },
                        }, '\u203a')),
                      ...columns.map((c) => {
                        const text = c.text(row);
                        return h('td', {class: c.column.isText ? '' : 'number', title: text.length > 22 ? text : undefined}, clip(text, 32));
                      }));
    return element;
  };
  let window = [-1, -1];
  const fill = () => {
    const first = Math.max(0, Math.floor(frame.scrollTop / ROW) - 8);
    const last = Math.min(rows.length, first + Math.ceil((frame.clientHeight || 480) / ROW) + 20);
    if (window[0] === first && window[1] === last) return;
    window = [first, last];
    const space = (n: number) => {
      const cell = h('td', {colspan: columns.length + 1});
      cell.style.height = `${n * ROW}px`;
      return n > 0 && h('tr', {class: 'space', 'aria-hidden': 'true'}, cell);
    };
    replace(body, space(first), ...rows.slice(first, last).map(line), space(rows.length - last));
  };
  const update = () => {
    const {view, selection} = app;
    const sorted = heads.some((th) => th.dataset.column === view.sort) ? view.sort : 'rank';
    const by = columns.find((c) => c.name === sorted)?.column ?? study.columns.get('number')!;
    const pinned = view.pins.map((n) => study.rowOf(n)).filter((r): r is number => r !== undefined);
    const rest = [...study.number.keys()].filter((r) => selection.mask[r] && !pinned.includes(r));
    rows = [...pinned, ...sortRows(study, rest, by, view.descending)];
    counter.textContent = `${selection.count.toLocaleString('en-US')} of ${count(study.rows, 'trial')}`;
    clear.hidden = !selection.active;
    problem.textContent = selection.error;
    problem.hidden = selection.error === '';
    input.setAttribute('aria-invalid', String(selection.error !== ''));
    if (input.value !== view.filter && document.activeElement !== input) input.value = view.filter;
    if (view.filter === '' && !selection.active) input.value = '';
    for (const th of heads) th.setAttribute('aria-sort', th.dataset.column !== sorted ? 'none' : view.descending ? 'descending' : 'ascending');
    table.setAttribute('aria-rowcount', String(rows.length));
    window = [-1, -1];
    fill();
    replace(compared, pinned.length > 0 && compareTable(app, columns, pinned));
  };
  frame.addEventListener('scroll', fill, {passive: true});
  body.addEventListener('pointerover', (event) => {
    const row = (event.target as Element).closest('tr')?.getAttribute('data-row');
    app.setHover(row === null || row === undefined ? -1 : Number(row));
  });
  body.addEventListener('pointerleave', () => app.setHover(-1));

  const save = h('button', {
    type: 'button', class: 'quiet', title: 'Exact values of the rows shown',
    click: () => download(`${fileName(study.name, 'trials')}.csv`, 'text/csv;charset=utf-8',
                          csv(['number', ...columns.map((c) => c.name)], rows.map((r) => [study.number[r], ...columns.map((c) => c.column.at(r))]))),
  }, 'Save CSV');
  card.say(finding(study), 'A click on a title sorts, a click on a trial pins it for comparison. The filter is the language of vernier query.');
  card.controls(save);
  card.body.append(h('div', {class: 'filter'}, input, counter, clear), problem, compared, frame);
  update();
  for (const topic of ['selection', 'pins', 'options'] as const) app.on(topic, update);
  return card;
}

function example(study: Study): string {
  const numeric = study.varied.find((p) => p.numeric);
  const name = numeric && /^[A-Za-z_][\w.]*$/.test(numeric.label) ? numeric.label : `\`${numeric?.label ?? ''}\``;
  const part = numeric ? `${clip(name, 32)} >= ${number(numericMiddle(numeric.low, numeric.high, numeric.log), 2)} and ` : '';
  return `${part}state = completed`;
}

function numericMiddle(low: number, high: number, log: boolean): number {
  const middle = log ? Math.sqrt(low * high) : (low + high) / 2;
  return Number(middle.toPrecision(1));
}
