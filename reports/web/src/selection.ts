// Which trials the brushes and the filter leave.
import type {Study} from './data/study';
import {bind} from './expr/bind';
import type {Scalar} from './data/payload';
import {evaluate, holds, scalarText} from './expr/evaluate';
import {ExprError, type Node} from './expr/node';
import {parse} from './expr/parse';
import type {View} from './view';

export interface Selection {
  mask: Uint8Array;   // 1: selected
  count: number;
  active: boolean;    // something is left out, or could be
  error: string;      // of the filter; the filter then leaves everything
}

/** last(val_loss) is a column of its own here. */
function metricCalls(node: Node, names: ReadonlySet<string>): void {
  node.args.forEach((arg) => metricCalls(arg, names));
  if (node.op !== 'call' || node.args.length !== 1 || node.args[0].op !== 'name') return;
  const name = `${node.text}(${node.args[0].text})`;
  if (names.has(name)) Object.assign(node, {op: 'name', text: name, args: []});
}

/** A trial may have several tags, one space between them: `tag = final` holds where one of them is. */
const TAG = '\0tag ';

function tagTests(node: Node): void {
  const isTag = (n: Node | undefined) => n?.op === 'name' && n.text === 'tag';
  const has = (n: Node): Node => ({...n, op: 'name', text: TAG + scalarText(n.value), args: []});
  const {args} = node;
  if ((node.op === '=' || node.op === '!=') && (isTag(args[0]) || isTag(args[1]))) {
    const other = isTag(args[0]) ? args[1] : args[0];
    if (other.op !== 'literal' || other.value === null) return;
    if (node.op === '=') Object.assign(node, has(other));
    else Object.assign(node, {op: 'not', args: [has(other)]});
  } else if (node.op === 'in' && isTag(args[0]) && args.slice(1).every((a) => a.op === 'literal' && a.value !== null)) {
    const any = args.slice(1).map(has).reduce((a, b) => ({...node, op: 'or', args: [a, b]}));
    Object.assign(node, any);
  } else {
    args.forEach(tagTests);
  }
}

export function filterRows(study: Study, text: string): Uint8Array {
  const columns = study.named;
  const node = bind(parse(text), [...columns.keys()]);
  metricCalls(node, new Set(columns.keys()));
  tagTests(node);
  const mask = new Uint8Array(study.rows);
  const lookup = (row: number) => (name: string): Scalar => {
    if (!name.startsWith(TAG)) return columns.get(name)?.at(row) ?? null;
    return String(columns.get('tag')!.at(row)).split(' ').includes(name.slice(TAG.length));
  };
  // An expression in error is in error for every row, also where there is none.
  if (study.rows === 0) evaluate(node, () => null);
  for (let row = 0; row < study.rows; ++row) mask[row] = holds(node, lookup(row)) ? 1 : 0;
  return mask;
}

export function select(study: Study, view: View): Selection {
  const mask = new Uint8Array(study.rows).fill(1);
  let error = '';
  if (view.filter.trim() !== '') {
    try {
      mask.set(filterRows(study, view.filter));
    } catch (caught) {
      if (!(caught instanceof ExprError)) throw caught;
      error = caught.message;
    }
  }
  for (const [name, [low, high]] of view.brushes) {
    const column = study.axis(name);
    if (!column) continue;
    for (let row = 0; row < study.rows; ++row) {
      const x = column.data[row];
      if (!(x >= low && x <= high)) mask[row] = 0;
    }
  }
  let count = 0;
  for (const m of mask) count += m;
  return {mask, count, active: count < study.rows || view.brushes.size > 0 || view.filter.trim() !== '', error};
}
