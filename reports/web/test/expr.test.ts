import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import type {Scalar} from '../src/data/payload';
import {bind} from '../src/expr/bind';
import {evaluate, numberText} from '../src/expr/evaluate';
import {ExprError} from '../src/expr/node';
import {parse} from '../src/expr/parse';

interface Case {
  expr: string;
  names: Record<string, Scalar>;
  result?: Scalar;
  error?: boolean;
}
const cases = JSON.parse(readFileSync(`${process.env.VERNIER_ROOT}/tests/fixtures/expr_cases.json`, 'utf8')) as Case[];

const answer = ({expr, names}: Case) => evaluate(bind(parse(expr), Object.keys(names)), (name) => names[name] ?? null);

test('the shared cases give the answers of core/expr', () => {
  assert.ok(cases.length > 100);
  for (const c of cases) {
    if (c.error) {
      assert.throws(() => answer(c), ExprError, c.expr);
    } else {
      const result = answer(c);
      const close = typeof result === 'number' && typeof c.result === 'number' &&
          Math.abs(result - c.result) <= 1e-12 * Math.abs(c.result);
      assert.ok(close || Object.is(result, c.result), `${c.expr}: ${String(result)}, expected ${String(c.result)}`);
    }
  }
});

test('an error names column and nearest name', () => {
  assert.throws(() => bind(parse('1 < dpeth'), ['model.depth', 'value']), /column 5: unknown name 'dpeth'; did you mean 'depth'/);
});

test('numbers read as C++ writes them', () => {
  assert.deepEqual([0.001, 1e-5, 64, 0.1, 1e16, -2.5e-7].map(numberText), ['0.001', '1e-05', '64', '0.1', '1e+16', '-2.5e-07']);
});
