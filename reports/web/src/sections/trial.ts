// The page of one trial: settings, every metric, what it left (confusion matrix, worst examples, filters, maps, histograms), log, how to rerun.
import type {App} from '../app';
import type {ArtifactJson} from '../data/payload';
import {Card, selectBox} from '../ui/card';
import type {Chart} from '../ui/chart';
import {copyable} from '../ui/copy';
import {h, replace} from '../ui/dom';
import {csv} from '../ui/download';
import {filesMenu} from '../ui/files';
import {clip, count, date, duration} from '../ui/format';
import {objectiveText, settings} from '../ui/values';
import {damaged, DRAWINGS} from './trial/artifacts';
import {familyChart, type Fitted, fittedChart, type Histogram, histogramChart, metricFamilies, metricPanels, metricsChart} from './trial/panels';

const TITLES: Record<string, string> = {
  confusion: 'Confusion matrix', examples: 'Worst examples', filters: 'First-layer filters', decision_map: 'Decision map', fitted_curve: 'Fitted curve',
  histogram: 'Histogram over steps', png: 'Picture', log: 'Log',
};

const FAMILIES: Record<string, string> = {grad_norm: 'Gradient norm of each layer', val_acc: 'Accuracy of each class'};

function word(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll(`'`, `'\\''`)}'`;
}

function facts(app: App, row: number): HTMLElement {
  const {study} = app;
  const at = (name: string) => study.columns.get(name)!.at(row);
  const text = objectiveText(study);
  const rank = study.rank[row];
  const costs = study.json.plots.pareto.axes.filter((a) => !a.objective && a.name !== 'seconds' && typeof a.value?.[row] === 'number');
  const items: [string, string][] = [
    [study.json.objective || 'value', text(study.value[row])], ['rank', Number.isNaN(rank) ? 'not ranked' : `${rank} of ${study.ranked}`], ['state', String(at('state'))],
    ['steps', `${String(at('steps') ?? 0)}${at('best_step') === null ? '' : `, best at ${String(at('best_step'))}`}`], ['trained', duration(Number(at('seconds') ?? 0))],
    ...(at('device') === null ? [] : [['device', String(at('device'))] as [string, string]]),
    ...(at('started') === null ? [] : [['started', date(Number(at('started')) + study.json.created)] as [string, string]]),
    ...costs.map((a): [string, string] => [a.name === 'flops' ? 'FLOPs' : a.name, Number(a.value![row]).toLocaleString('en-US')]),
    ...(at('tags') === null ? [] : [['tags', clip(String(at('tags')), 60)] as [string, string]]),
  ];
  return h('dl', {class: 'facts'}, ...items.map(([name, value]) => h('div', {}, h('dt', {}, clip(name, 32)), h('dd', {}, value))));
}

function by(artifacts: ArtifactJson[], key: (artifact: ArtifactJson) => string): Map<string, ArtifactJson[]> {
  const groups = new Map<string, ArtifactJson[]>();
  for (const artifact of artifacts) groups.set(key(artifact), [...(groups.get(key(artifact)) ?? []), artifact]);
  return groups;
}

/** Artifacts of one kind and name, by step; histograms of several things of one kind, "weights of conv1" and "weights of output", together. */
function grouped(artifacts: ArtifactJson[]): ArtifactJson[][] {
  const whole = (name: string) => (name.includes(' of ') ? name.slice(0, name.indexOf(' of ')) : name);
  return [...by(artifacts, ({kind, name}) => `${kind} ${kind === 'histogram' ? whole(name) : name}`).values()];
}

export function trialCard(app: App): Card {
  const card = new Card('trial', 'Trial', 'full');
  const {study} = app;
  if (study.rows === 0) {
    card.empty('No trial yet', 'The settings, curves and results of one trial appear here.');
    return card;
  }
  let charts: Chart[] = [];

  const panel = (title: string, ...content: (Node | string)[]) => h('div', {class: 'panel'}, h('h3', {}, title), ...content);

  const stepped = (group: ArtifactJson[], draw: (artifact: ArtifactJson) => (Node | string)[]): (Node | string)[] => {
    const {kind, name} = group[0];
    const key = `${kind} ${name}`;
    const place = h('div');
    const shown = () => group.find((a) => a.step === app.view.at.get(key)) ?? group[group.length - 1];
    const show = () => replace(place, ...(shown().problem === undefined ? draw(shown()) : [damaged(shown())]));
    show();
    if (group.length === 1) return [place];
    const output = h('output', {}, `step ${shown().step}`);
    const slider = h('input', {type: 'range', min: 0, max: group.length - 1, step: 1, value: group.indexOf(shown()), 'aria-label': `Step of ${TITLES[kind] ?? kind} ${name}`,
      input: () => {
        const artifact = group[Number(slider.value)];
        app.view.at.set(key, artifact.step);
        output.textContent = `step ${artifact.step}`;
        app.setOptions({});
        show();
      }});
    return [h('label', {class: 'slider'}, 'Step', slider, output), place];
  };

  const histogram = (group: ArtifactJson[]): (Node | string)[] => {
    const good = group.filter((a) => a.problem === undefined).map((a) => ({step: a.step, ...(a.data as Omit<Histogram, 'step'>)}));
    if (good.length === 0) return [damaged(group[0])];
    const {element, chart} = histogramChart(app, group[0].name, good);
    charts.push(chart);
    return [h('p', {class: 'lead'}, 'The darker (in dark mode: the brighter), the more values there; lines at the quartiles.'), element];
  };

  const drawn = (group: ArtifactJson[]): HTMLElement | null => {
    const {kind, name} = group[0];
    const plain = name === kind || name === '' ? '' : `: ${clip(name, 40)}`;
    const title = `${TITLES[kind] ?? clip(kind, 24)}${plain}`;
    if (kind === 'log') return panel(title, h('pre', {class: 'log', tabindex: 0, 'aria-label': `Log ${name}`}, group.map((a) => a.text ?? '').join('\n')));
    const names = [...new Set(group.map((a) => a.name))];
    if (names.length > 1) {
      const place = h('div');
      const show = (which: string) => replace(place, ...histogram(group.filter((a) => a.name === which)));
      show(name);
      const rest = (of: string) => of.slice(of.indexOf(' of ') + 4);
      return panel(`${TITLES.histogram}: ${clip(name.slice(0, name.indexOf(' of ')), 40)}`, selectBox('of', names.map((n) => [n, clip(rest(n), 40)]), name, show), place);
    }
    if (kind === 'histogram') return panel(title, ...histogram(group));
    if (kind === 'fitted_curve') {
      return panel(title, ...stepped(group, (a) => {
        const {element, chart} = fittedChart(app, a.data as Fitted);
        charts.push(chart);
        return [element];
      }));
    }
    const drawing = DRAWINGS[kind];
    return panel(title, ...stepped(group, (a) => (drawing ? drawing(app, a.data as never, name) : [damaged(a)])));
  };

  const choose = h('input', {
    type: 'number', min: 0, step: 1, class: 'number-box', 'aria-label': 'Number of the trial shown',
    change: () => {
      if (study.rowOf(Number(choose.value)) !== undefined) app.setTrial(Number(choose.value));
      else choose.value = String(study.number[app.trialRow!]);
    },
  });

  let version = 0;
  const fill = () => {
    const row = app.trialRow!;
    const number = study.number[row];
    const mine = ++version;
    charts = [];
    choose.value = String(number);
    const rank = study.rank[row];
    const place = row === study.bestRow ? 'the best' : Number.isNaN(rank) ? String(study.columns.get('state')!.at(row)) : `rank ${rank} of ${study.ranked}`;
    card.say(`Trial #${number}: ${place}`, String(study.columns.get('note')!.at(row) ?? study.columns.get('reason')!.at(row) ?? ''));
    const metrics = metricsChart(app, row);
    if (metrics) charts.push(metrics.chart);
    const families = metricFamilies(study, row).map((family) => {
      const {element, chart} = familyChart(app, family);
      charts.push(chart);
      return panel(FAMILIES[family.title] ?? `${clip(family.title, 40)} by part`, element);
    });
    const left = h('div', {class: 'artifacts'});
    const show = (artifacts: ArtifactJson[] | undefined) => {
      if (mine !== version) return;
      replace(left, ...grouped(artifacts ?? []).map(drawn));
    };
    const inside = study.json.artifacts[String(number)];
    if (inside || !app.live) show(inside);
    else void app.live.artifacts(study.name, number).then(show, () => show([]));
    replace(card.body,
            h('dl', {class: 'settings'}, ...settings(study, row).map(({label, name, text}) => h('div', {title: name}, h('dt', {}, label), h('dd', {}, text)))),
            facts(app, row), app.live?.editor(study.name, number, row, study),
            metrics ? panel('Metrics', h('p', {class: 'lead'}, 'Dashed: training. The orange line marks the best step.'), metrics.element) : panel('Metrics', h('p', {class: 'soft'}, 'No measurement yet.')),
            h('div', {class: 'artifacts'}, ...families), left, h('div', {class: 'commands'}, copyable('trains it again and compares bit for bit', `vernier rerun ${word(`${study.name}#${number}`)}${app.json.where}`),
                    copyable('its page with all that it left', `vernier report --trial ${word(`${study.name}#${number}`)}${app.json.where}`)));
  };
  card.controls(
      h('label', {class: 'slider'}, 'Trial', choose),
      filesMenu(() => `${study.name}-${study.number[app.trialRow!]}`, 'trial', {
        csv: () => {
          const row = app.trialRow!;
          return {text: csv(['number', 'metric', 'step', 'value'], [...metricPanels(study, row), ...metricFamilies(study, row)].flatMap((p) => p.lines.flatMap((l) => l.points.map(([x, y]) => [study.number[row], l.name, x, Number(y.toPrecision(6))])))),
                  note: 'The plotted values (12 bits of each curve\u2019s range)'};
        },
      }));
  fill();
  app.on('trial', fill);
  app.on('pins', () => {
    if (app.view.trial === 0 && String(study.number[app.trialRow!]) !== choose.value) fill();
  });
  app.on('theme', fill);
  if (study.steps[app.trialRow!].length === 0 && app.json.trial !== null) card.say(`Trial #${study.number[app.trialRow!]}`, `${count(0, 'step')} measured.`);
  return card;
}
