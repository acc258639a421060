// The page: opens the payload and builds its sections, from the answer down to the table.
import {App} from './app';
import {openPayload} from './data/study';
import {answerCard} from './sections/answer';
import {curvesCard} from './sections/curves';
import {foot, selectionBar, studyChooser, topBar} from './sections/frame';
import {heatMapCard} from './sections/heat_map';
import {historyCard} from './sections/history';
import {importanceCard} from './sections/importance';
import {parallelCard} from './sections/parallel';
import {slicesCard} from './sections/slices';
import {tableCard} from './sections/table';
import type {Card} from './ui/card';
import {h, replace} from './ui/dom';
import {Painter} from './ui/painter';

/** In the order of the page. A new section is a file in sections/ and a line here. */
const CARDS: ((app: App) => Card)[] = [historyCard, importanceCard, parallelCard, slicesCard, curvesCard, heatMapCard, tableCard];

function build(app: App, page: HTMLElement): void {
  app.forgetListeners();
  const {study} = app;
  replace(page, topBar(app),
          h('main', {}, study.json.note !== '' && h('p', {class: 'note'}, study.json.note), answerCard(app), studyChooser(app), ...CARDS.map((card) => card(app).element)),
          foot(app), selectionBar(app));
  Painter.forget();
}

async function start(): Promise<void> {
  const {json, studies} = await openPayload(document.getElementById('data')!.textContent!);
  const page = document.getElementById('page')!;
  const app = new App(json, studies);
  build(app, page);
  app.on('study', () => build(app, page));
  document.documentElement.dataset.ready = 'true';
  performance.mark('vernier-ready');
}

start().catch((error: unknown) => {
  document.getElementById('page')!.textContent = `The report could not be opened: ${String(error)}`;
  throw error;
});
