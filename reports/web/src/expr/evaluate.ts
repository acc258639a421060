import type {Scalar} from '../data/payload';
import {ExprError, type Node} from './node';

export type Lookup = (name: string) => Scalar;
type Truth = boolean | null;

const isNumber = (v: Scalar): v is number | boolean => typeof v === 'number' || typeof v === 'boolean';

function truth(v: Scalar): Truth {
  if (v === null) return null;
  return isNumber(v) && Number(v) !== 0;
}

/** A number as C++ writes it: shortest, with an exponent below 1e-4 and from 1e16. */
export function numberText(x: number): string {
  const [mantissa, exponent] = x.toExponential().split('e');
  const e = Number(exponent);
  if (!Number.isFinite(x) || (e >= -4 && e < 16)) return String(x);
  return `${mantissa}e${e < 0 ? '-' : '+'}${String(Math.abs(e)).padStart(2, '0')}`;
}

export function scalarText(v: Scalar): string {
  return v === null ? '' : typeof v === 'number' ? numberText(v) : String(v);
}

const folded = (v: Scalar) => scalarText(v).replace(/[A-Z]/g, (c) => c.toLowerCase());

/** By code points, as UTF-8 bytes compare. */
function compareTexts(a: string, b: string): number {
  const x = [...a];
  const y = [...b];
  for (let i = 0; i < Math.min(x.length, y.length); ++i) {
    const d = x[i].codePointAt(0)! - y[i].codePointAt(0)!;
    if (d !== 0) return d;
  }
  return x.length - y.length;
}

function compare(op: string, a: Scalar, b: Scalar): Truth {
  if (a === null || b === null) return null;
  if (isNumber(a) !== isNumber(b)) return op === '=' ? false : op === '!=' ? true : null;
  const d = isNumber(a) ? Number(a) - Number(b) : compareTexts(a, b as string);
  const same = isNumber(a) ? Number(a) === Number(b) : d === 0;
  switch (op) {
    case '<': return !same && d < 0;
    case '<=': return same || d < 0;
    case '>': return !same && d > 0;
    case '>=': return same || d > 0;
    case '=': return same;
    default: return !same;
  }
}

function among(args: Scalar[]): Truth {
  let unknown = args[0] === null;
  for (const candidate of args.slice(1)) {
    const equal = compare('=', args[0], candidate);
    if (equal) return true;
    unknown ||= equal === null;
  }
  return unknown ? null : false;
}

function combine(a: Truth, b: Truth, deciding: boolean): Truth {
  if (a === deciding || b === deciding) return deciding;
  return a === null || b === null ? null : !deciding;
}

function numeric(v: Scalar, node: Node): number {
  if (isNumber(v)) return Number(v);
  throw new ExprError(node.column, `the text '${scalarText(v)}' in arithmetic; expected a number`);
}

const fromNumber = (x: number): Scalar => (Number.isNaN(x) ? null : x);

const FUNCTIONS: Record<string, (x: number) => number> = {
  log: (x) => (x > 0 ? Math.log(x) : NaN),
  log10: (x) => (x > 0 ? Math.log10(x) : NaN),
  exp: Math.exp,
  sqrt: (x) => (x >= 0 ? Math.sqrt(x) : NaN),
  abs: Math.abs,
  round: (x) => Math.sign(x) * Math.round(Math.abs(x)),  // halves away from zero, as C++
  floor: Math.floor,
  ceil: Math.ceil,
};

function call(node: Node, args: Scalar[]): Scalar {
  const expect = (right: boolean, count: string) => {
    if (!right) throw new ExprError(node.column, `${node.text}() got ${args.length} values; expected ${count}`);
  };
  const missing = args.includes(null);
  if (node.text === 'is_null') {
    expect(args.length === 1, '1');
    return missing;
  }
  if (Object.hasOwn(FUNCTIONS, node.text)) {
    expect(args.length === 1, '1');
    return missing ? null : fromNumber(FUNCTIONS[node.text](numeric(args[0], node.args[0])));
  }
  if (node.text !== 'min' && node.text !== 'max') {
    throw new ExprError(node.column,
                        `unknown function '${node.text}'; expected one of ${Object.keys(FUNCTIONS).join(', ')}, min, max, is_null`);
  }
  expect(args.length >= 2, '2 or more');
  if (missing) return null;
  const numbers = args.map((v, i) => numeric(v, node.args[i]));
  return node.text === 'min' ? Math.min(...numbers) : Math.max(...numbers);
}

function arithmetic(node: Node, [a, b]: Scalar[]): Scalar {
  if (a === null || b === null) return null;
  const x = numeric(a, node.args[0]);
  const y = numeric(b, node.args[1]);
  switch (node.op) {
    case '+': return fromNumber(x + y);
    case '-': return fromNumber(x - y);
    case '*': return fromNumber(x * y);
    default: return y === 0 ? null : fromNumber(x / y);
  }
}

/** Missing values behave as in SQL. Both sides of and/or are evaluated: an error does not depend on the values. */
export function evaluate(node: Node, lookup: Lookup): Scalar {
  if (node.op === 'literal') return node.value;
  if (node.op === 'name') {
    const value = lookup(node.text);
    return typeof value === 'number' && Number.isNaN(value) ? null : value;
  }
  const args = node.args.map((arg) => evaluate(arg, lookup));
  switch (node.op) {
    case 'call': return call(node, args);
    case 'neg': return args[0] === null ? null : fromNumber(0 - numeric(args[0], node.args[0]));
    case 'not': {
      const t = truth(args[0]);
      return t === null ? null : !t;
    }
    case 'and': return combine(truth(args[0]), truth(args[1]), false);
    case 'or': return combine(truth(args[0]), truth(args[1]), true);
    case 'in': return among(args);
    case '~': return args[0] === null || args[1] === null ? null : folded(args[0]).includes(folded(args[1]));
    case '+': case '-': case '*': case '/': return arithmetic(node, args);
    default: return compare(node.op, args[0], args[1]);
  }
}

/** True exactly where the expression is true or a number other than 0. */
export function holds(node: Node, lookup: Lookup): boolean {
  return truth(evaluate(node, lookup)) === true;
}
