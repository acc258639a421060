// What the studies claim, each sentence with its verdict, figures and plot: in the order in which the study files say them.
import type {App} from '../app';
import type {Look, Plot} from '../claims/drawing';
import {picturesLead} from '../claims/pictures';
import {plotOf, showPictures, showPlot} from '../claims/plot';
import {stripPlot} from '../claims/strip';
import {claimTitle, difference, VERDICTS, verdictPill} from '../claims/verdict';
import type {ClaimJson} from '../data/claim';
import {Card} from '../ui/card';
import {h} from '../ui/dom';
import {csv} from '../ui/download';
import {filesMenu} from '../ui/files';
import {clip, count, list, number} from '../ui/format';

/** What `#claim=` of a link names; the index makes such links. */
export const claimKey = (claim: {study: string; index: number}) => `${claim.index} ${claim.study}`;

function title(claims: ClaimJson[]): string {
  const parts = VERDICTS.map((v) => [v, claims.filter((c) => c.verdict === v).length] as const).filter(([, n]) => n > 0);
  if (claims.length === 1) return `The claim is ${parts[0][0]}`;
  if (parts.length === 1) return `All ${claims.length} claims are ${parts[0][0]}`;
  return `Of ${claims.length} claims ${list(parts.map(([v, n]) => `${n} ${n === 1 ? 'is' : 'are'} ${v}`))}`;
}

function figures(claim: ClaimJson): HTMLElement {
  const items: [string, string][] = [
    ['difference', difference(claim)], ['pairs', String(claim.n)], ...(claim.within !== null ? [['equal within', `\u00b1 ${number(claim.within)}`] as [string, string]] : claim.margin !== 0 ? [['margin', number(claim.margin)] as [string, string]] : []),
  ];
  return h('dl', {class: 'facts'}, ...items.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))));
}

function save(app: App, claim: ClaimJson, name: string, plot: Plot): HTMLElement {
  return filesMenu(() => claim.study, `claim-${claim.index}-${name}`, {
    svg: () => {
      const {svg} = plot.draw(app, {width: 800, small: false});
      return {text: new XMLSerializer().serializeToString(svg), width: 800, height: Number(svg.getAttribute('height'))};
    },
    csv: () => {
      const {header, rows} = plot.table();
      return {text: csv(header, rows), note: 'The plotted values'};
    },
  });
}

function entry(app: App, claim: ClaimJson, several: boolean): HTMLElement {
  const look: Look = app;
  const strip = stripPlot(claim, claim.plot === null);
  const own = claim.plot === null ? null : plotOf(claim);
  const stripShown = showPlot(look, strip, false);
  const {live} = app;
  const shown = claim.plot?.kind === 'pictures' ? showPictures(look, claim, false, live ? (study, n) => live.artifacts(study, n) : undefined) : own ? showPlot(look, own, false) : null;
  app.on('theme', () => {
    stripShown.update();
    shown?.update();
  });
  const lead = claim.plot?.kind === 'pictures' ? picturesLead(claim.plot) : own?.lead ?? '';
  const plot = (text: string, element: HTMLElement, tools: HTMLElement | null) => h('div', {class: 'plot'}, element, h('div', {class: 'under'}, h('p', {class: 'lead'}, text), tools));
  const name = `claim-${claimKey(claim)}`;
  return h('article', {class: `claim ${claim.verdict}`, 'data-claim': claimKey(claim), tabindex: -1, 'aria-labelledby': name},
           h('div', {class: 'said'}, several && h('p', {class: 'kicker'}, clip(claim.study, 60)), verdictPill(claim), h('h3', {id: name}, claimTitle(claim)), figures(claim),
             h('p', {class: 'why'}, `${claim.why}.`), h('p', {class: 'soft'}, `By ${clip(claim.metric || 'value', 80)}, ${claim.maximize ? 'higher' : 'lower'} is better; arms: ${clip(claim.arms, 60)}.`)),
           h('div', {class: 'plots'}, shown && plot(lead, shown.element, own && save(app, claim, 'plot', own)),
             claim.n > 0 && plot(strip.lead, stripShown.element, save(app, claim, 'strip', strip))));
}

export function claimsCard(app: App): HTMLElement | null {
  const {claims} = app.json;
  if (claims.length === 0) return null;
  const card = new Card('claims', claims.length === 1 ? 'Claim' : 'Claims', 'full');
  const few = claims.filter((c) => c.mark !== '').length;
  card.say(title(claims), few === 0 ? '' : `${few === claims.length ? 'Every verdict' : count(few, 'verdict')} ${few === 1 || few === claims.length ? 'rests' : 'rest'} on fewer than 5 seeds, and ${few === 1 || few === claims.length ? 'is' : 'are'} marked.`);
  const several = new Set(claims.map((c) => c.study)).size > 1;
  card.body.append(...claims.map((claim) => entry(app, claim, several)));
  return card.element;
}

/** A link of the index names a claim. */
export function goToLinkedClaim(): void {
  const key = new URLSearchParams(location.hash.replace(/^#/, '')).get('claim');
  const entry = key === null ? undefined : [...document.querySelectorAll<HTMLElement>('[data-claim]')].find((e) => e.dataset.claim === key);
  entry?.scrollIntoView();
  entry?.focus({preventScroll: true});
}

