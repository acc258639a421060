import assert from 'node:assert/strict';
import {test} from 'node:test';
import {timeTicks} from '../src/sections/timeline';
import {histogramQuantile, metricFamilies, metricPanels} from '../src/sections/trial/panels';
import type {Study} from '../src/data/study';
import {mix, rgb} from '../src/ui/pixels';
import {defaultView, fromHash, toHash} from '../src/view';

test('quantiles of a histogram lie inside its bins', () => {
  const histogram = {step: 1, edges: [0, 1, 2, 4], counts: [2, 0, 2]};
  assert.equal(histogramQuantile(histogram, 0.25), 0.5);
  assert.equal(histogramQuantile(histogram, 0.5), 1);
  assert.equal(histogramQuantile(histogram, 0.75), 3);
  assert.equal(histogramQuantile({step: 1, edges: [0, 1], counts: [0]}, 0.5), 1);
});

test('metrics of one layer or class each share a panel, apart from the others', () => {
  const metric = (name: string, ...values: number[]) => ({name, curves: new Map([[0, values]])});
  const study = {
    steps: [[1, 2]],
    metrics: [metric('val_acc', 0.5, 0.75), metric('train_acc', 0.5, 1), metric('val_acc.cat', 0.25, NaN), metric('val_acc.dog', NaN, 1), metric('val_acc.cow', NaN, NaN), metric('lonely.one', 1, 2)],
  } as unknown as Study;
  assert.deepEqual(metricFamilies(study, 0), [{title: 'val_acc', lines: [
    {name: 'val_acc.cat', training: false, points: [[1, 0.25]]}, {name: 'val_acc.dog', training: false, points: [[2, 1]]}]}]);
  assert.deepEqual(metricPanels(study, 0).map((p) => [p.title, p.lines.length]), [['acc', 2], ['lonely.one', 1]]);
  assert.deepEqual(metricFamilies(study, 1), []);
});

test('a time axis has ticks at whole minutes and hours', () => {
  assert.deepEqual(timeTicks(600, 6).map((t) => t % 60), [0, 0, 0, 0, 0, 0]);
  assert.deepEqual(timeTicks(6 * 3600, 3), [0, 7200, 14400, 21600]);
});

test('colours are mixed channel by channel', () => {
  assert.deepEqual(mix(rgb('#000000'), rgb('#ff8000'), 0.5), [128, 64, 0]);
});

test('the trial shown and its steps are part of the link', () => {
  const view = {...defaultView(), trial: 17, pareto: 'flops', heat: 'contour' as const, at: new Map([['decision_map a b', 10]])};
  assert.deepEqual(fromHash(toHash(view)), view);
  assert.deepEqual(fromHash('#trial=-1&at=x&heat=lava'), defaultView());
});
