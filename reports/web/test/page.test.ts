import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Reader, readColumn} from '../src/data/decode';
import {shortNames, type Study} from '../src/data/study';
import {smoothed} from '../src/ui/smooth';
import {csv, fileName} from '../src/ui/download';
import {clip, decimalsFor, distinct, duration, number, percent} from '../src/ui/format';
import {objectiveText} from '../src/ui/values';
import {DARK, inkOn, LIGHT, rampColor} from '../src/ui/palette';
import {logTicks, niceTicks, numericScale} from '../src/ui/scale';
import {defaultView, fromHash, toHash} from '../src/view';

test('columns of doubles come back from their byte planes', () => {
  const values = [0.1, -2.5e300, NaN];
  const bytes = new Uint8Array(new Float64Array(values).buffer);
  const blob = new Uint8Array(1 + 24);
  for (let i = 0; i < 3; ++i) for (let plane = 0; plane < 8; ++plane) blob[1 + plane * 3 + i] = bytes[8 * i + plane];
  assert.deepEqual([...readColumn(blob, 1, 3)], values);
});

test('curves: missing, linear and logarithmic', () => {
  const floats = (a: number, b: number) => [...new Uint8Array(new Float32Array([a, b]).buffer)];
  // Codes 1, 4095, 0 (missing), 2048: differences as zigzag varints.
  const differences = [2, 0xfc, 0x3f, 0xfd, 0x3f, 0x80, 0x20];
  const blob = new Uint8Array([0, 1, ...floats(0, 4094), ...differences, 2, ...floats(0, Math.log(1e6)), 2, 0xfc, 0x3f]);
  const reader = new Reader(blob, 0);
  assert.ok(reader.curve(4).every(Number.isNaN));
  assert.deepEqual([...reader.curve(4)], [0, 4094, NaN, 2047]);
  const wide = reader.curve(2);
  assert.equal(wide[0], 1);
  assert.ok(Math.abs(wide[1] / 1e6 - 1) < 1e-5);
});

test('a name is shortened to its last part where that is unique', () => {
  assert.deepEqual(shortNames(['model.depth', 'a.lr', 'b.lr', 'x.', 'plain']), ['depth', 'a.lr', 'b.lr', 'x.', 'plain']);
});

test('numbers as a reader wants them', () => {
  assert.deepEqual([0.98134, 64, 0.00021, 123456, -0.5, 0, 1e9, NaN, Infinity].map((x) => number(x)),
                   ['0.9813', '64', '2.1e\u22124', '123456', '\u22120.5', '0', '1e9', '\u2013', '\u221e']);
  assert.deepEqual([0.0021, 0.0013, 0.4, 12, 0].map(decimalsFor), [3, 4, 1, 0, 4]);
  assert.deepEqual([0.05, 5.04, 59.7, 200, 3600, 9000, 200000].map(duration), ['50 ms', '5 s', '1 min', '3 min 20 s', '1 h', '2 h 30 min', '2 d 7 h']);
  const tick = distinct(duration);
  assert.deepEqual([1482, 1486, 1490, 1590].map(tick), ['25 min', '', '', '27 min']);
  assert.deepEqual([1590, 1590].map(tick), ['27 min', '']);
  assert.deepEqual([0.624, 0.004, 0].map(percent), ['62 %', '< 1 %', '0 %']);
  assert.equal(clip('\u{1F600}'.repeat(5), 3), '\u{1F600}\u{1F600}\u2026');
});

test('values show no zeros that all of them end with, and enough to tell them apart', () => {
  const text = (values: number[]) => {
    const study = {answer: {noise: null, quantiles: [0, 0, 1, 1, 2, 2, 2].map((i) => values[i])}, value: Float64Array.from(values)};
    return objectiveText(study as unknown as Study)(values[0]);
  };
  assert.equal(text([0.984, 0.9825, 0.9815, NaN]), '0.9840');
  assert.equal(text([0.984, 0.983, 0.982]), '0.984');
  assert.equal(text([0.98401, 0.98326, 0.98187]), '0.98401');
});

test('ticks lie inside the range, log axes at 1, 2, 5', () => {
  assert.deepEqual(niceTicks(0.03, 0.98, 5), [0.2, 0.4, 0.6, 0.8]);
  assert.deepEqual(logTicks(16, 1024, 6), [20, 50, 100, 200, 500, 1000]);
  assert.deepEqual(logTicks(1e-5, 1, 6), [1e-5, 1e-4, 1e-3, 0.01, 0.1, 1]);
  const scale = numericScale(1e-4, 1, true);
  assert.ok(Math.abs(scale.unit(0.01) - 0.5) < 1e-12);
  assert.ok(Math.abs(scale.value(0.75) - 0.1) < 1e-12);
  assert.ok(Number.isNaN(scale.unit(NaN)));
});

test('CSV quotes, keeps numbers exact, and disarms formulas', () => {
  assert.equal(csv(['a', '=b'], [[0.1 + 0.2, 'x"y,z'], [NaN, '@SUM(1)'], [-5, '-5+1']]),
               `a,'=b\r\n0.30000000000000004,"x""y,z"\r\n,'@SUM(1)\r\n-5,'-5+1\r\n`);
  assert.equal(fileName('a/b <c>', 'plot'), 'a_b_c_-plot');
});

test('the hash restores the view, whatever the names, and survives garbage', () => {
  const view = {...defaultView(), study: 'a&b=#"', filter: 'depth >= 3 and note ~ "x y"', descending: true, pins: [3, 17], smooth: 0.5, zoomEnd: true,
                axes: ['=cmd|x', 'b..c d'], brushes: new Map<string, [number, number]>([['b..c d', [1e-5, 0.5]], ['n\nm', [-1, 2]]])};
  assert.deepEqual(fromHash(toHash(view)), view);
  assert.equal(toHash(defaultView()), '');
  assert.deepEqual(fromHash('#brush=x&brush=1..z%20q&pins=a,-1,2.5,4,4&smooth=7&theme=pink&show=%00'), {...defaultView(), pins: [4]});
});

test('smoothing has no bias at the start and passes over gaps', () => {
  assert.deepEqual([...smoothed([2, 2, NaN, 2], 0.9)].map((x) => Number(x.toFixed(12))), [2, 2, NaN, 2]);
  const one = smoothed([0, 1], 0.5);
  assert.ok(Math.abs(one[1] - 2 / 3) < 1e-12);
});

test('text has a contrast of at least 4.5 on the cards and on every colour of the ramp', () => {
  const luminance = (color: string) => {
    const [r, g, b] = [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a: string, b: string) => (Math.max(luminance(a), luminance(b)) + 0.05) / (Math.min(luminance(a), luminance(b)) + 0.05);
  for (const palette of [LIGHT, DARK]) {
    for (const ink of [palette.ink, palette.soft, palette.faint, palette.accent]) assert.ok(contrast(ink, palette.card) >= 4.5, `${ink} on ${palette.card}`);
    for (const color of palette.series) assert.ok(contrast(color, palette.card) >= 4.5, `${color} on ${palette.card}`);
    for (let i = 0; i <= 20; ++i) {
      const color = rampColor(palette, i / 20);
      assert.ok(contrast(inkOn(color), color) >= 4.5, `${inkOn(color)} on ${color}`);
    }
  }
});
