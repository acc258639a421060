// The first screen: what was searched, the best trial, how sure that is, what mattered, what warns, how to go on.
import type {App} from '../app';
import type {Study} from '../data/study';
import {copyable} from '../ui/copy';
import {h} from '../ui/dom';
import {clip, count, date, decimalsFor, duration, fixed, percent} from '../ui/format';
import {betterWord, differenceText, objectiveText, settings} from '../ui/values';

function searched(study: Study): string {
  const {json, answer} = study;
  const finished = Object.entries(answer.states).filter(([state]) => !['waiting', 'running', 'paused', 'interrupted'].includes(state))
                       .reduce((n, [, k]) => n + k, 0);
  const done = finished >= json.planned ? count(study.rows, 'trial') : `${finished} of ${count(json.planned, 'trial')}`;
  const over = study.varied.length > 0 ? ` over ${count(study.varied.length, 'parameter')}` : '';
  const how = json.sampler + (json.strategy === 'full' || json.strategy === '' ? '' : ` with ${json.strategy}`);
  return `${done} by ${how}${over}, ${duration(answer.seconds)} of training, begun ${date(json.created)}`;
}

function howSure(study: Study): HTMLElement {
  const {answer} = study;
  const text = objectiveText(study);
  const difference = differenceText(study);
  const parts: string[] = [];
  if (answer.repeats) {
    const {n, mean, half_width: half} = answer.repeats;
    const decimals = decimalsFor(half);
    parts.push(`Over ${n} seeds the mean is ${fixed(mean, decimals)} \u00b1 ${fixed(half, decimals)} (95 %).`);
  } else {
    parts.push('One seed only, so the difference to the next trials may be chance.');
  }
  if (answer.noise !== null && answer.noise > 0) {
    const decimals = decimalsFor(answer.noise);
    const within = answer.within_noise;
    parts.push((answer.noise_of_seeds ? `Another seed changes it by \u00b1\u00a0${fixed(answer.noise, decimals)}` :
                                        `Its curve fluctuates by \u00b1\u00a0${fixed(answer.noise, decimals)} from step to step`) + ', which explains differences up to ' +
               `${fixed(answer.reach!, decimals)}: ` +
               (within === 0 ? 'no other trial is that close.' : `${count(within, 'other trial')} ${within === 1 ? 'is' : 'are'} that close.`));
  }
  const rows = answer.runners_up.slice(0, 3).map((runner) => {
    const row = study.rowOf(runner.number)!;
    return h('tr', {}, h('td', {}, `#${runner.number}`), h('td', {class: 'number'}, text(study.value[row])),
             h('td', {class: 'number soft'}, runner.behind === 0 ? 'equal' : `${difference(runner.behind)} behind`),
             h('td', {class: 'soft'}, runner.within_noise ? 'within noise' : ''));
  });
  return h('div', {class: 'block'}, h('h3', {}, 'How sure'), h('p', {}, parts.join(' ')),
           rows.length > 0 && h('table', {class: 'runners', 'aria-label': 'Runners-up'}, h('tbody', {}, ...rows)));
}

function mattered(study: Study): HTMLElement {
  const rows = study.json.plots.importance.slice(0, 4);
  const content = rows.length === 0 || rows[0].share === 0 ?
      [h('p', {class: 'soft'}, 'At least 3 trials with different values show what mattered.')] :
      rows.map((row) => {
        const bar = h('span', {class: 'share'});
        bar.style.width = `${Math.max(2, 100 * row.share / rows[0].share)}%`;
        const sense = row.sign > 0 ? 'higher is better' : row.sign < 0 ? 'lower is better' : '';
        const label = study.param(row.name)?.label ?? row.name;
        return h('div', {class: 'mattered', title: row.name}, h('span', {class: 'name'}, label),
                 h('span', {class: 'track'}, bar), h('span', {class: 'number'}, percent(row.share)), h('span', {class: 'sense'}, sense));
      });
  return h('div', {class: 'block'}, h('h3', {}, 'What mattered'), ...content);
}

export function answerCard(app: App): HTMLElement {
  const {study} = app;
  const {answer} = study;
  const row = study.bestRow;
  const kicker = h('p', {class: 'kicker'}, `${app.studies.length > 1 ? `${clip(study.name, 40)}: ` : ''}${searched(study)}`);
  if (row === undefined) {
    const states = Object.entries(answer.states).map(([state, n]) => `${n} ${state}`).join(', ');
    return h('section', {class: 'card answer', id: 'answer'}, kicker, h('h2', {}, 'No trial has a value yet'),
             h('p', {class: 'empty'}, `The first completed or stopped trial appears here. So far: ${states || 'no trial'}.`));
  }
  const text = objectiveText(study);
  const best = h('div', {class: 'best'},
                 h('h2', {class: 'metric'}, study.json.objective || 'value', h('span', {class: 'soft'}, `, ${betterWord(study)}`)),
                 h('p', {class: 'figure'}, text(study.value[row])),
                 h('p', {class: 'which'}, `Trial #${answer.best}, the best of ${count(study.ranked, 'trial')} with a value`),
                 h('dl', {class: 'settings'}, ...settings(study, row).map(({label, name, text: value}) =>
                   h('div', {title: name}, h('dt', {}, label), h('dd', {}, value)))));
  const warnings = answer.warnings.map((w) => h('li', {class: w.kind}, w.text));
  return h('section', {class: 'card answer', id: 'answer', 'aria-label': 'Answer'}, kicker,
           h('div', {class: 'columns'}, best, h('div', {class: 'blocks'}, howSure(study), mattered(study))),
           warnings.length > 0 && h('ul', {class: 'warnings', 'aria-label': 'Warnings'}, ...warnings),
           h('div', {class: 'commands'}, ...answer.commands.map(({does, text: line}) => copyable(does, line))));
}
