import assert from 'node:assert/strict';
import {test} from 'node:test';
import {bands, surface} from '../src/ui/surface';

test('a surface is the weighted mean of what is near, and unknown elsewhere', () => {
  const one = surface([{x: 0.5, y: 0.5, value: 0.25}], 20, 0.05);
  const at = (s: typeof one, x: number, y: number) => s.value[Math.floor(y * s.size) * s.size + Math.floor(x * s.size)];
  assert.ok(Math.abs(at(one, 0.5, 0.5) - 0.25) < 1e-12);
  assert.ok(Number.isNaN(at(one, 0.95, 0.95)));
  const two = surface([{x: 0.2, y: 0.5, value: 0}, {x: 0.8, y: 0.5, value: 1}], 41, 0.15);
  assert.ok(at(two, 0.2, 0.5) < 0.01 && at(two, 0.8, 0.5) > 0.99);
  assert.ok(Math.abs(at(two, 0.5, 0.5) - 0.5) < 0.2);
});

test('equal bands of a row are one rectangle', () => {
  const value = Float64Array.from([0.1, 0.2, 0.9, NaN]);
  assert.deepEqual(bands({size: 2, value}, 2), [[0, 2, 0, 0], [0, 1, 1, 1]]);
});
