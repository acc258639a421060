// The gallery of claims: counts of verdicts, which are buttons that filter, a table of contents, then a card for each claim, by page.
import type {ClaimJson, IndexJson, Verdict} from '../data/claim';
import {topBar} from '../sections/frame';
import {h, replace} from '../ui/dom';
import {clip, count, date} from '../ui/format';
import {DARK, LIGHT, type Palette} from '../ui/palette';
import {plotOf, showPictures, showPlot} from './plot';
import {stripPlot} from './strip';
import {claimTitle, difference, pairsText, VERDICTS, verdictPill, verdictSign} from './verdict';

type Chosen = Verdict | '';

/** The state of the index, and in location.hash: colours, and which verdicts are shown. */
class Index {
  private readonly listeners: (() => void)[] = [];
  private readonly systemDark = matchMedia('(prefers-color-scheme: dark)');
  theme = '';
  verdict: Chosen = '';

  constructor(readonly json: IndexJson, private readonly changed: () => void) {
    this.read();
    this.systemDark.addEventListener('change', () => this.applyTheme());
    addEventListener('hashchange', () => {
      this.read();
      this.changed();
    });
  }

  get dark(): boolean {
    return this.theme === '' ? this.systemDark.matches : this.theme === 'dark';
  }
  get palette(): Palette {
    return this.dark ? DARK : LIGHT;
  }
  on(_: 'theme', listener: () => void): void {
    this.listeners.push(listener);
  }
  setTheme(theme: 'light' | 'dark'): void {
    this.theme = theme;
    this.remember();
    this.applyTheme();
  }
  setVerdict(verdict: Chosen): void {
    this.verdict = verdict;
    this.remember();
    this.changed();
  }

  /** Anything that does not parse is left at its default. */
  private read(): void {
    const params = new URLSearchParams(location.hash.replace(/^#/, ''));
    const [theme, verdict] = [params.get('theme') ?? '', params.get('verdict') ?? ''];
    this.theme = ['light', 'dark'].includes(theme) ? theme : '';
    this.verdict = VERDICTS.find((v) => v === verdict) ?? '';
    this.applyTheme();
  }
  private remember(): void {
    const params = new URLSearchParams();
    if (this.theme !== '') params.set('theme', this.theme);
    if (this.verdict !== '') params.set('verdict', this.verdict);
    const text = params.toString();
    history.replaceState(null, '', text === '' ? location.pathname + location.search : `#${text}`);
  }
  private applyTheme(): void {
    document.documentElement.dataset.theme = this.dark ? 'dark' : 'light';
    for (const listener of this.listeners) listener();
  }
}

/** Beside the index, whatever the name says: every part is encoded, and "./" leaves no room for a scheme. */
export function pageLink(claim: ClaimJson): string | null {
  if (claim.page === undefined || claim.page === '') return null;
  const path = claim.page.split('/').map((part) => encodeURIComponent(part)).join('/');
  return `./${path}#${new URLSearchParams({claim: `${claim.index} ${claim.study}`}).toString()}`;
}

/** The claims of one page, in order. */
interface Group {
  name: string;  // of its file, without folder and ending
  heading: string;
  page: string | null;
  claims: ClaimJson[];
}

function groups({claims, headings}: IndexJson): Group[] {
  const all = new Map<string, Group>();
  for (const claim of claims) {
    const file = claim.page ?? '';
    const link = pageLink(claim);
    if (!all.has(file)) {
      const name = file === '' ? 'Claims without a page' : file.slice(file.lastIndexOf('/') + 1).replace(/\.html$/, '');
      const heading = Object.hasOwn(headings, file) ? headings[file] : name;
      all.set(file, {name, heading, page: link && link.slice(0, link.indexOf('#')), claims: []});
    }
    all.get(file)!.claims.push(claim);
  }
  if (all.size === 1 && all.has('')) all.get('')!.heading = 'Claims';
  return [...all.values()];
}

function entry(index: Index, claim: ClaimJson, group: Group): HTMLElement {
  const own = claim.plot !== null;
  const plot = claim.plot?.kind === 'pictures' ? showPictures(index, claim, true) : showPlot(index, plotOf(claim)!, true);
  const strip = own ? showPlot(index, stripPlot(claim), true) : null;
  index.on('theme', () => {
    plot.update();
    strip?.update();
  });
  const link = pageLink(claim);
  const title = claimTitle(claim);
  const others = group.claims.some((c) => c.study !== group.name);
  return h('li', {class: `card claim ${claim.verdict}`, 'data-verdict': claim.verdict},
           others && h('p', {class: 'kicker', title: claim.study}, clip(claim.study, 48)), verdictPill(claim),
           h('h3', {}, link === null ? title : h('a', {href: link}, title)),
           h('p', {class: 'figures', title: claim.why}, h('strong', {}, difference(claim)), ' ', h('span', {class: 'soft'}, [clip(claim.metric, 32), pairsText(claim)].filter((t) => t !== '').join(' \u00b7 '))),
           claim.n === 0 && h('p', {class: 'soft'}, `${claim.why}.`),
           claim.n > 0 && h('div', {class: 'thumb'}, plot.element), claim.n > 0 && strip && h('div', {class: 'thumb'}, strip.element));
}

/** A page with the signs of its verdicts; leads to its claims below. */
function chip(group: Group, section: HTMLElement): HTMLElement {
  const counts = VERDICTS.map((v) => [v, group.claims.filter((c) => c.verdict === v).length] as const).filter(([, n]) => n > 0);
  return h('li', {}, h('button', {
    type: 'button', 'aria-label': `${group.name}: ${counts.map(([v, n]) => `${n} ${v}`).join(', ')}`,
    click: () => {
      section.scrollIntoView();
      section.querySelector('h2')!.focus({preventScroll: true});
    },
  }, h('span', {class: 'name'}, clip(group.name, 32)), ...group.claims.slice(0, 12).map((c) => h('span', {class: c.verdict}, verdictSign(c.verdict)))));
}

export function indexPage(json: IndexJson, page: HTMLElement): void {
  const {claims} = json;
  const index = new Index(json, () => filter());
  const sections = groups(json).map((group, i) => {
    const cards = group.claims.map((claim) => entry(index, claim, group));
    const heading = clip(group.heading, 90);
    const title = `group-${i}`;
    const section = h('section', {class: 'group', 'aria-labelledby': title},
                      h('h2', {id: title, tabindex: -1}, group.page === null ? heading : h('a', {href: group.page}, heading)), h('ul', {class: 'claims', 'aria-labelledby': title}, ...cards));
    return {group, cards, section};
  });
  const of = (verdict: Chosen) => (verdict === '' ? claims : claims.filter((c) => c.verdict === verdict));
  const said = h('p', {class: 'hidden', role: 'status'});
  const buttons = (['', ...VERDICTS] as Chosen[]).map((verdict) => h('button', {type: 'button', class: `tally ${verdict}`, click: () => index.setVerdict(verdict)},
    verdict !== '' && verdictSign(verdict), h('strong', {}, String(of(verdict).length)), h('span', {}, verdict === '' ? (claims.length === 1 ? 'claim' : 'claims') : verdict)));
  const share = h('div', {class: 'shares', 'aria-hidden': 'true'}, ...VERDICTS.filter((v) => of(v).length > 0).map((v) => {
    const part = h('span', {class: v});
    part.style.flexGrow = String(of(v).length);
    return part;
  }));
  const few = claims.filter((c) => c.mark !== '').length;
  const studies = new Set(claims.map((c) => c.study)).size;
  const filter = () => {
    const shown = (claim: ClaimJson) => index.verdict === '' || claim.verdict === index.verdict;
    for (const {group, cards, section} of sections) {
      cards.forEach((card, i) => { card.hidden = !shown(group.claims[i]); });
      section.hidden = !group.claims.some(shown);
    }
    buttons.forEach((button, i) => button.setAttribute('aria-pressed', String(['', ...VERDICTS][i] === index.verdict)));
    said.textContent = `${count(of(index.verdict).length, 'claim')} shown`;
  };
  filter();
  replace(page, topBar(index),
          h('main', {class: 'gallery-page'},
            h('section', {class: 'card full summary', id: 'summary', 'aria-label': 'Verdicts'},
              h('div', {class: 'tallies', role: 'group', 'aria-label': 'Show the claims that are'}, ...buttons), share,
              h('p', {class: 'lead'}, `From ${count(studies, 'study', 'studies')}. A claim is supported where the 95 % interval of the paired difference lies wholly on its side, contradicted where it lies wholly on the other, else undecided.` +
                (few === 0 ? '' : ` Verdicts from fewer than 5 seeds (${few}) are marked.`)), said,
              sections.length > 1 && h('nav', {'aria-label': 'Pages'}, h('ul', {class: 'chips'}, ...sections.map(({group, section}) => chip(group, section))))),
            ...sections.map(({section}) => section)),
          h('footer', {}, `Written by Vernier ${json.code_version} on ${date(json.created)}`));
}
