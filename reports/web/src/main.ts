// The page: opens the payload and builds its sections, from the answer down to the table.
import {App} from './app';
import {openPayload} from './data/study';
import {Live} from './live';
import {answerCard} from './sections/answer';
import {claimsCard, goToLinkedClaim} from './sections/claims';
import {comparisonCard} from './sections/comparison';
import {curvesCard} from './sections/curves';
import {distributionCard} from './sections/distribution';
import {foot, selectionBar, studyChooser, topBar} from './sections/frame';
import {heatMapCard} from './sections/heat_map';
import {historyCard} from './sections/history';
import {importanceCard} from './sections/importance';
import {parallelCard} from './sections/parallel';
import {paretoCard} from './sections/pareto';
import {slicesCard} from './sections/slices';
import {tableCard} from './sections/table';
import {timelineCard} from './sections/timeline';
import {trialCard} from './sections/trial';
import type {Card} from './ui/card';
import {h, replace} from './ui/dom';
import {Painter} from './ui/painter';

/** In the order of the page. A new section is a file in sections/ and a line here. */
const CARDS: ((app: App) => Card)[] = [
  historyCard, importanceCard, parallelCard, slicesCard, curvesCard, heatMapCard, paretoCard, distributionCard, timelineCard, trialCard, tableCard,
];

/** What the reader was doing: it survives that the page is built anew. */
function keepPlace(rebuild: () => void): void {
  const focused = document.activeElement as HTMLElement | null;
  const inputs = [...document.querySelectorAll<HTMLInputElement>('input[id]')].map((input) => ({id: input.id, value: input.value}));
  const caret = focused instanceof HTMLInputElement && focused.type !== 'range' && focused.type !== 'number' ? [focused.selectionStart, focused.selectionEnd] : null;
  const label = focused?.getAttribute('aria-label');
  const frame = document.querySelector('.frame')?.scrollTop ?? 0;
  const y = scrollY;
  document.body.style.minHeight = `${document.documentElement.scrollHeight}px`;
  rebuild();
  for (const {id, value} of inputs) {
    const input = document.getElementById(id) as HTMLInputElement | null;
    if (input && value !== '') input.value = value;
  }
  const table = document.querySelector('.frame');
  if (table) table.scrollTop = frame;
  const again = focused?.id ? document.getElementById(focused.id) :
      label ? [...document.querySelectorAll<HTMLElement>('[aria-label]')].find((e) => e.getAttribute('aria-label') === label) : null;
  again?.focus({preventScroll: true});
  if (caret && again instanceof HTMLInputElement) again.setSelectionRange(caret[0], caret[1]);
  scrollTo(0, y);
  Painter.showNow();
  document.body.style.minHeight = '';
}

function build(app: App, page: HTMLElement): void {
  app.forgetListeners();
  const {study} = app;
  replace(page, topBar(app),
          app.json.trial !== null ? h('main', {}, trialCard(app).element) :
          h('main', {}, study.json.note !== '' && h('p', {class: 'note'}, study.json.note), comparisonCard(app)?.element, answerCard(app), claimsCard(app), studyChooser(app),
            ...CARDS.map((card) => card(app).element)),
          foot(app), selectionBar(app));
  Painter.forget();
}

async function start(): Promise<void> {
  const data = document.getElementById('data')!.textContent;
  const live = data === '' ? new Live() : null;
  const {json, studies} = live ? await live.first() : await openPayload(data);
  const page = document.getElementById('page')!;
  if (studies.length === 0) {
    page.textContent = 'The database has no study yet. This page shows the first one as soon as it is there.';
    page.className = 'loading';
    live?.start(() => location.reload());
  } else {
    const app = new App(json, studies, live);
    build(app, page);
    goToLinkedClaim();
    app.on('study', () => keepPlace(() => build(app, page)));
    live?.start((now, all) => app.refresh(now, all));
  }
  document.documentElement.dataset.ready = 'true';
  performance.mark('vernier-ready');
}

start().catch((error: unknown) => {
  document.getElementById('page')!.textContent = `The report could not be opened: ${String(error)}`;
  throw error;
});
