import assert from 'node:assert/strict';
import {test} from 'node:test';
import {timeTicks} from '../src/sections/timeline';
import {histogramQuantile} from '../src/sections/trial/panels';
import {mix, rgb} from '../src/ui/pixels';
import {defaultView, fromHash, toHash} from '../src/view';

test('quantiles of a histogram lie inside its bins', () => {
  const histogram = {step: 1, edges: [0, 1, 2, 4], counts: [2, 0, 2]};
  assert.equal(histogramQuantile(histogram, 0.25), 0.5);
  assert.equal(histogramQuantile(histogram, 0.5), 1);
  assert.equal(histogramQuantile(histogram, 0.75), 3);
  assert.equal(histogramQuantile({step: 1, edges: [0, 1], counts: [0]}, 0.5), 1);
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
