// The plot of a claim in the page: drawn when it comes near the screen, again when its width or the colours change.
import type {ClaimJson, PicturesPlotJson} from '../data/claim';
import type {ArtifactJson} from '../data/payload';
import {h, replace} from '../ui/dom';
import {Painter} from '../ui/painter';
import {hideTip, showTip} from '../ui/tip';
import type {Look, Plot, Spot} from './drawing';
import {heatMapPlot} from './heat_map';
import {curvesPlot, linePlot} from './lines';
import {drawPictures} from './pictures';
import {stripPlot} from './strip';
import {armLabel} from './verdict';

export function plotOf(claim: ClaimJson): Plot | null {
  switch (claim.plot?.kind) {
    case 'line': return linePlot(claim.plot);
    case 'curves': return curvesPlot(claim.plot, claim.arms);
    case 'heat_map': return heatMapPlot(claim.plot, claim.arms);
    case 'pictures': return null;
    default: return stripPlot(claim, true);
  }
}

export interface Shown {
  element: HTMLElement;
  update: () => void;
}

/** `draw` fills the element for a width. */
function painted(height: number, draw: (element: HTMLElement, width: number) => void): Shown {
  const element = h('div', {class: 'drawing'});
  element.style.minHeight = `${height}px`;
  let width = 0;
  const painter = new Painter(element, () => {
    width = element.clientWidth;
    if (width > 0) draw(element, width);
    element.style.minHeight = '';
  });
  new ResizeObserver(() => {
    if (element.clientWidth !== width && width !== 0) painter.update();
  }).observe(element);
  return {element, update: () => painter.update()};
}

const NEAR = 24;

function nearest(spots: Spot[], x: number, y: number): Spot | undefined {
  let best: Spot | undefined;
  let least = NEAR ** 2;
  for (const spot of spots) {
    const d = (spot.x - x) ** 2 + (spot.y - y) ** 2;
    if (d < least) [best, least] = [spot, d];
  }
  return best;
}

export function showPlot(look: Look, plot: Plot, small: boolean): Shown {
  let spots: Spot[] = [];
  const shown = painted(small ? 184 : 240, (element, width) => {
    const drawing = plot.draw(look, {width, small});
    spots = drawing.spots;
    element.setAttribute('aria-label', drawing.label);
    replace(element, drawing.svg);
  });
  shown.element.setAttribute('role', 'img');
  shown.element.setAttribute('aria-label', plot.lead);
  if (!small) {
    shown.element.addEventListener('pointermove', (event) => {
      const box = shown.element.getBoundingClientRect();
      const [x, y] = [event.clientX - box.left, event.clientY - box.top];
      const spot = nearest(spots, x, y);
      if (spot) showTip(spot.text, shown.element, spot.x, spot.y);
      else hideTip();
    });
    shown.element.addEventListener('pointerleave', hideTip);
  }
  return shown;
}

/** `fetch`: of the live page, whose payload has no pictures. */
export function showPictures(look: Look, claim: ClaimJson, small: boolean, fetch?: (study: string, number: number) => Promise<ArtifactJson[]>): Shown {
  const plot = claim.plot as PicturesPlotJson;
  const json = {...plot, arms: plot.arms.map((arm) => ({...arm, label: armLabel(claim.arms, arm.label)}))};
  const artifacts = json.arms.map((arm) => arm.artifacts ?? []);
  const shown = painted(small ? 160 : 320, (element, width) => replace(element, drawPictures(look, json, artifacts, width, small)));
  if (fetch) {
    json.arms.forEach((arm, i) => {
      if (arm.artifacts !== null || arm.number === null) return;
      void fetch(arm.study, arm.number).then((all) => {
        artifacts[i] = lastOf(json.picture, all);
        shown.update();
      }, () => undefined);
    });
  }
  return shown;
}

const KINDS: Record<string, string> = {map: 'decision_map', histograms: 'histogram', filters: 'filters', fit: 'fitted_curve', confusion: 'confusion'};

/** As reports/claim_plots/pictures.cpp chooses them. */
export function lastOf(picture: string, all: ArtifactJson[]): ArtifactJson[] {
  const same = all.filter((a) => a.kind === KINDS[picture]);
  const last = Math.max(...same.map((a) => a.step));
  return same.filter((a) => a.step === last);
}
