import assert from 'node:assert/strict';
import {test} from 'node:test';
import {padded, paddedLog, spread} from '../src/claims/drawing';
import {pageLink} from '../src/claims/index_page';
import {lastOf, plotOf} from '../src/claims/plot';
import {shortLabels} from '../src/claims/strip';
import {armLabel, claimTitle, difference} from '../src/claims/verdict';
import type {ClaimJson} from '../src/data/claim';

const claim = (more: Partial<ClaimJson>): ClaimJson => ({
  study: 's', index: 1, text: '', arms: 'a', better: 'x', than: 'y', metric: 'm', maximize: true, margin: 0, within: null, n: 5, mean: 0.031, half_width: 0.004, p: 0.06,
  verdict: 'supported', mark: '', why: 'w', pairs: [{label: 'seed 1', difference: 0.03}], plot: null, ...more,
});

test('a difference has the decimals of its interval, and more where it would hide 0', () => {
  assert.equal(difference(claim({})), '+0.031 \u00b1 0.004');
  assert.equal(difference(claim({mean: -0.0042, half_width: 0.0012})), '\u22120.0042 \u00b1 0.0012');
  assert.equal(difference(claim({mean: 0.0041, half_width: 0.0039})), '+0.0041 \u00b1 0.0039');
  assert.equal(difference(claim({n: 1, half_width: null})), '+0.031');
  assert.equal(difference(claim({mean: 0, half_width: 0})), '0');
  assert.equal(difference(claim({n: 0, mean: 0, half_width: null})), 'no pairs');
  assert.equal(difference(claim({mean: 1234.5, half_width: 210})), '+1235 \u00b1 210');
});

test('an arm that is a number is called with its name', () => {
  assert.equal(armLabel('model.depth', '3'), 'depth 3');
  assert.equal(armLabel('model.bias', 'false'), 'bias false');
  assert.equal(armLabel('train.optimizer', 'sgd'), 'sgd');
  assert.equal(armLabel('train.optimizer', ''), '');
});

test('a claim without a sentence says what it compares', () => {
  assert.equal(claimTitle(claim({})), 'x beats y');
  assert.equal(claimTitle(claim({text: 'X wins'})), 'X wins');
});

test('a link to a page is a file beside the index, whatever its name', () => {
  assert.equal(pageLink(claim({})), null);
  assert.equal(pageLink(claim({page: 'a b/../c.html', study: 'k&l'})), './a%20b/../c.html#claim=1+k%26l');
  for (const page of ['javascript:alert(1)', '//e.invalid/x', 'data:text/html,x', '"><b>']) {
    const url = new URL(pageLink(claim({page}))!, 'file:///lectures/index.html');
    assert.ok(url.href.startsWith('file:///lectures/'), url.href);
  }
});

test('a pair is called what the pairs differ in', () => {
  assert.deepEqual(shortLabels(['seed 1, w 64', 'seed 2, w 64']), ['seed 1', 'seed 2']);
  assert.deepEqual(shortLabels(['seed 1, w 64', 'seed 1, w 64']), ['seed 1, w 64', 'seed 1, w 64']);
  assert.deepEqual(shortLabels(['seed 1']), ['seed 1']);
});

test('labels are moved apart, inside their room', () => {
  assert.deepEqual(spread([10, 11, 50], 14, 0, 100), [10, 24, 50]);
  assert.deepEqual(spread([99, 98], 14, 0, 100), [100, 86]);
  assert.deepEqual(spread([], 14, 0, 100), []);
});

test('ranges have air, in logarithms too, and something to show where all is equal', () => {
  assert.deepEqual(padded([0, 10], 0.1), [-1, 11]);
  assert.deepEqual(padded([]), [0, 1]);
  assert.deepEqual(padded([4, 4]), [3.8, 4.2]);
  const [low, high] = paddedLog([1, 100, -5], 0.5);
  assert.ok(Math.abs(low - 0.1) < 1e-12 && Math.abs(high - 1000) < 1e-9);
});

test('the table of a plot is what it draws', () => {
  assert.deepEqual(plotOf(claim({}))!.table(), {header: ['pair', 'difference'], rows: [['seed 1', 0.03]]});
  const line = {label: 'relu', side: 'better' as const, metric: 'm', x: [0, 1], mean: [1, 2], half_width: [null, 0.5], n: [1, 3]};
  assert.deepEqual(plotOf(claim({plot: {kind: 'line', by: 'act', x: 'p', y: 'm', log: false, labels: ['a', 'b'], lines: [line]}}))!.table().rows,
                   [['relu', 'm', 'a', 1, null, 1], ['relu', 'm', 'b', 2, 0.5, 3]]);
  const map = {label: '', side: '' as const, x: [1], y: [0], mean: [7], n: [2], rank: [0], ridge: [1]};
  assert.deepEqual(plotOf(claim({plot: {kind: 'heat_map', x: {name: 'p', labels: ['1', '2']}, y: {name: 'q', labels: ['3']}, metric: 'm', maximize: true, maps: [map]}}))!.table().rows,
                   [['', '2', '3', 7, 2]]);
  assert.equal(plotOf(claim({plot: {kind: 'pictures', picture: 'map', arms: []}})), null);
});

test('the live page takes the last pictures of a kind, as C++ does', () => {
  const artifact = (step: number, kind: string, name = kind) => ({step, kind, name});
  const all = [artifact(1, 'histogram', 'a'), artifact(5, 'histogram', 'a'), artifact(5, 'histogram', 'b'), artifact(9, 'log')];
  assert.deepEqual(lastOf('histograms', all), all.slice(1, 3));
  assert.deepEqual(lastOf('map', all), []);
});
