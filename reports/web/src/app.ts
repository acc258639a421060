// The page's state: the studies, what the reader chose, what is selected; sections subscribe to what they show.
import type {PayloadJson} from './data/payload';
import type {Study} from './data/study';
import type {Live} from './live';
import {select, type Selection} from './selection';
import {DARK, LIGHT, type Palette} from './ui/palette';
import {fromHash, toHash, type View} from './view';

/** selection: other trials are left; pins, hover: others are marked; theme: colours; options: how plots are drawn; study: everything. */
export type Topic = 'selection' | 'pins' | 'hover' | 'theme' | 'options' | 'trial' | 'study';

/** The study with the best value, among those with the first one's objective: the answer on the first screen. */
function bestStudy(studies: Study[]): Study {
  const {objective, maximize} = studies[0].json;
  const better = (a: Study, b: Study) => {
    const [x, y] = [a, b].map((s) => s.answer.quantiles[0]);
    return y === undefined || (x !== undefined && (maximize ? x > y : x < y));
  };
  return studies.filter((s) => s.json.objective === objective && s.json.maximize === maximize)
      .reduce((best, s) => (better(s, best) && s !== best && s.answer.quantiles.length > 0 ? s : best));
}

export class App {
  view: View;
  study: Study;
  selection: Selection;
  hover = -1;  // row
  private readonly listeners = new Map<Topic, Set<() => void>>();
  private readonly systemDark = matchMedia('(prefers-color-scheme: dark)');

  constructor(public json: PayloadJson, public studies: Study[], readonly live: Live | null = null) {
    this.view = fromHash(location.hash);
    this.study = this.studyOfView();
    this.selection = select(this.study, this.view);
    this.applyTheme();
    this.systemDark.addEventListener('change', () => this.applyTheme(true));
    addEventListener('hashchange', () => {
      if (toHash(this.view) === location.hash) return;
      this.view = fromHash(location.hash);
      this.study = this.studyOfView();
      this.selection = select(this.study, this.view);
      this.applyTheme();
      this.tell('study');
    });
  }

  on(topic: Topic, listener: () => void): void {
    if (!this.listeners.has(topic)) this.listeners.set(topic, new Set());
    this.listeners.get(topic)!.add(listener);
  }

  /** Sections of one study are built anew when another is chosen. */
  forgetListeners(): void {
    for (const topic of ['selection', 'pins', 'hover', 'theme', 'options', 'trial'] as const) this.listeners.delete(topic);
  }

  get palette(): Palette {
    return this.dark ? DARK : LIGHT;
  }
  get dark(): boolean {
    return this.view.theme === '' ? this.systemDark.matches : this.view.theme === 'dark';
  }

  /** The same studies, further on. The view stays. */
  refresh(json: PayloadJson, studies: Study[]): void {
    // What no name chose stays with the study that is shown.
    const name = this.study.name;
    this.json = json;
    this.studies = studies;
    this.study = studies.find((s) => s.name === name) ?? this.studyOfView();
    this.selection = select(this.study, this.view);
    this.tell('study');
  }

  setTheme(theme: View['theme']): void {
    this.view.theme = theme;
    this.remember();
    this.applyTheme(true);
  }

  setStudy(name: string): void {
    const {theme, history} = this.view;
    this.view = {...fromHash(''), theme, history, study: name};
    this.study = this.studyOfView();
    this.selection = select(this.study, this.view);
    this.remember();
    this.tell('study');
  }

  setFilter(text: string): void {
    this.view.filter = text;
    this.reselect();
  }

  setBrush(axis: string, range: [number, number] | null): void {
    if (range) this.view.brushes.set(axis, range);
    else this.view.brushes.delete(axis);
    this.reselect();
  }

  clearSelection(): void {
    this.view.brushes.clear();
    this.view.filter = '';
    this.reselect();
  }

  togglePin(row: number): void {
    const number = this.study.number[row];
    const at = this.view.pins.indexOf(number);
    if (at >= 0) this.view.pins.splice(at, 1);
    else this.view.pins.push(number);
    this.remember();
    this.tell('pins');
  }

  clearPins(): void {
    this.view.pins = [];
    this.remember();
    this.tell('pins');
  }

  isPinned(row: number): boolean {
    return this.view.pins.includes(this.study.number[row]);
  }

  setHover(row: number): void {
    if (row === this.hover) return;
    this.hover = row;
    this.tell('hover');
  }

  /** The trial whose page is shown. */
  get trialRow(): number | undefined {
    const {view, study} = this;
    const row = view.trial > 0 ? study.rowOf(view.trial) : this.json.trial !== null ? study.rowOf(this.json.trial) : view.pins.length > 0 ? study.rowOf(view.pins[0]) : undefined;
    return row ?? study.bestRow ?? (study.rows > 0 ? 0 : undefined);
  }

  setTrial(number: number): void {
    this.view.trial = number;
    this.remember();
    this.tell('trial');
  }

  /** Changes options of plots or of the table. */
  setOptions(options: Partial<View>): void {
    Object.assign(this.view, options);
    this.remember();
    this.tell('options');
  }

  private reselect(): void {
    this.selection = select(this.study, this.view);
    this.remember();
    this.tell('selection');
  }

  private studyOfView(): Study {
    return this.studies.find((s) => s.name === this.view.study) ?? bestStudy(this.studies);
  }

  private applyTheme(tell = false): void {
    document.documentElement.dataset.theme = this.dark ? 'dark' : 'light';
    if (tell) this.tell('theme');
  }

  private tell(topic: Topic): void {
    for (const listener of this.listeners.get(topic) ?? []) listener();
  }

  private remember(): void {
    const hash = toHash(this.view);
    history.replaceState(null, '', hash === '' ? location.pathname + location.search : hash);
  }
}
