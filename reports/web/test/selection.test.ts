import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {StudyJson} from '../src/data/payload';
import {Study} from '../src/data/study';
import {filterRows} from '../src/selection';

/** Columns as C++ writes them, into one blob. */
class Blob_ {
  bytes: number[] = [];
  column(values: number[]): {at: number} {
    const at = this.bytes.length;
    const raw = new Uint8Array(new Float64Array(values).buffer);
    for (let plane = 0; plane < 8; ++plane) for (let i = 0; i < values.length; ++i) this.bytes.push(raw[8 * i + plane]);
    return {at};
  }
}

function study(): Study {
  const blob = new Blob_();
  const none = () => ({...blob.column([NaN, NaN, NaN]), values: []});
  const trials = {
    number: blob.column([1, 2, 3]), value: blob.column([0.5, 0.9, NaN]), rank: blob.column([2, 1, NaN]), steps: blob.column([1, 1, 0]),
    best_step: blob.column([1, 1, NaN]), seconds: blob.column([1, 2, 0]), started: blob.column([0, 1, 2]), ended: blob.column([1, 3, NaN]),
    state: {...blob.column([0, 0, 1]), values: ['completed', 'failed']}, device: none(), reason: none(), note: none(),
    tags: {...blob.column([0, 1, NaN]), values: ['final', 'draft finalist']},
  };
  const params = [
    {name: 'model.depth', type: 'int', when: '', low: 1, high: 4, log: false, column: blob.column([1, 3, 2])},
    {name: 'value', type: 'float', when: '', low: 0, high: 1, log: false, column: blob.column([7, 7, 7])},
  ];
  const metrics = [{name: 'acc', at_best: blob.column([0.5, 0.9, NaN]), last: blob.column([0.4, 0.8, NaN]), best: blob.column([0.5, 0.9, NaN]), curves: {at: 0, rows: []}}];
  const steps_at = blob.bytes.length;
  blob.bytes.push(0, 0, 0);
  const json = {rows: 3, created: 1000, trials, params, metrics, steps_at, seconds: {at: 0, rows: []}, answer: {best: 2}} as unknown as StudyJson;
  return new Study(json, new Uint8Array(blob.bytes));
}

test('filters name trials, parameters and metrics as vernier query does', () => {
  const rows = (text: string) => [...filterRows(study(), text)].join('');
  assert.equal(rows('depth >= 2'), '011');
  assert.equal(rows('value > 0.6'), '010');  // the trial's value, not the parameter of that name
  assert.equal(rows('last(acc) < 0.5'), '100');
  assert.equal(rows('best(acc) - last(acc) > 0'), '110');
  assert.equal(rows('state = failed'), '001');
  assert.equal(rows('tag = final'), '100');
  assert.equal(rows('tag != final'), '011');
  assert.equal(rows('tag ~ final'), '110');
  assert.equal(rows('tag in (draft, "x") or depth = 2'), '011');
  assert.equal(rows('ended >= 1003'), '010');
  assert.equal(rows('note = ""'), '111');
  assert.throws(() => rows('median(acc) > 1'), /unknown function/);
});
