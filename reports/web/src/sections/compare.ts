// Pinned trials side by side: a column each, by default only the rows in which they differ.
import type {App} from '../app';
import {toggle} from '../ui/card';
import {h} from '../ui/dom';
import {clip} from '../ui/format';
import type {TableColumn} from './table';

export function compareTable(app: App, columns: TableColumn[], rows: number[]): HTMLElement {
  const {study} = app;
  const differs = (c: TableColumn) => new Set(rows.map((r) => c.column.at(r))).size > 1;
  const shown = columns.filter((c) => !app.view.onlyDifferences || rows.length < 2 || differs(c));
  const same = columns.length - shown.length;
  const body = shown.map((c) => h('tr', {class: differs(c) ? 'differs' : ''}, h('th', {scope: 'row', title: c.name}, clip(c.label, 28)),
                                  ...rows.map((r) => h('td', {class: c.column.isText ? '' : 'number', title: c.text(r)}, clip(c.text(r), 40)))));
  const heads = rows.map((r) => h('th', {scope: 'col', class: 'number'}, `#${study.number[r]} `, h('button', {
    type: 'button', class: 'unpin', 'aria-label': `Unpin trial ${study.number[r]}`, click: () => app.togglePin(r),
  }, '\u00d7')));
  const title = rows.length === 1 ? `Trial #${study.number[rows[0]]}: pin another to compare` : `${rows.length} trials side by side`;
  return h('div', {class: 'compare'},
           h('div', {class: 'compare-head'}, h('h3', {}, title),
             rows.length > 1 && toggle('only differences', () => app.view.onlyDifferences, (onlyDifferences) => app.setOptions({onlyDifferences})),
             h('button', {type: 'button', class: 'quiet', click: () => app.clearPins()}, 'Unpin all')),
           h('div', {class: 'scroller'}, h('table', {class: 'side'}, h('thead', {}, h('tr', {}, h('td'), ...heads)), h('tbody', {}, ...body))),
           app.view.onlyDifferences && same > 0 && rows.length > 1 && h('p', {class: 'soft'}, `${same} columns are equal and hidden.`));
}
