// The menu of a plot's files: PNG, SVG and CSV.
import type {Files} from './card';
import {h} from './dom';
import {download, fileName, svgToPng} from './download';

export function filesMenu(study: () => string, plot: string, files: Files): HTMLElement {
  const name = (ending: string) => `${fileName(study(), plot)}.${ending}`;
  const entries: [string, () => void][] = [];
  const {svg} = files;
  if (svg) {
    entries.push(['PNG', () => {
      const {text, width, height} = svg();
      void svgToPng(text, width, height).then((png) => download(name('png'), 'image/png', png));
    }]);
    entries.push(['SVG', () => download(name('svg'), 'image/svg+xml', svg().text)]);
  }
  entries.push(['CSV', () => download(name('csv'), 'text/csv;charset=utf-8', files.csv().text)]);
  const menu = h('details', {class: 'files'}, h('summary', {'aria-label': `Save ${plot} as a file`, title: files.csv().note}, 'Save'),
                 h('div', {class: 'menu'}, ...entries.map(([text, save]) => h('button', {
                   type: 'button',
                   click: () => {
                     menu.open = false;
                     save();
                   },
                 }, text))));
  menu.addEventListener('focusout', (event) => {
    if (!menu.contains(event.relatedTarget as globalThis.Node | null)) menu.open = false;
  });
  menu.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') menu.open = false;
  });
  return menu;
}
