import {ExprError, type Node} from './node';

/** Full names that `name` may stand for: itself, or those that end in it after a dot. */
function meanings(name: string, known: readonly string[]): string[] {
  if (known.includes(name)) return [name];
  return [...new Set(known.filter((full) => full.endsWith('.' + name)))];
}

/** Edit distance with transpositions, for the nearest name. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({length: b.length + 1}, (_, j) => j);
  for (let i = 1; i <= a.length; ++i) {
    const row = [i];
    for (let j = 1; j <= b.length; ++j) {
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    before = last;
    last = row;
  }
  return last[b.length];
}

function hint(name: string, known: readonly string[]): string {
  const short = known.map((full) => full.slice(full.lastIndexOf('.') + 1));
  const candidates = [...new Set([...known, ...short.filter((s) => meanings(s, known).length === 1)])];
  const near = candidates.map((c) => ({c, d: distance(name, c)})).sort((x, y) => x.d - y.d)[0];
  if (near && near.d <= name.length / 3 + 1) return `; did you mean '${near.c}'?`;
  return `; expected one of ${known.slice(0, 12).join(', ')}`;
}

function comparedWithName(node: Node, k: number, known: readonly string[]): boolean {
  const isName = (other: Node) => other.op === 'name' && meanings(other.text, known).length > 0;
  if (node.op === '=' || node.op === '!=' || node.op === '~') return isName(node.args[1 - k]);
  return node.op === 'in' && k > 0 && isName(node.args[0]);
}

/** Names become full ones; a bare unknown word compared with a known name becomes a text. Changes the tree. */
export function bind(node: Node, known: readonly string[], word = false): Node {
  if (node.op === 'name') {
    const found = meanings(node.text, known);
    if (found.length === 1) {
      node.text = found[0];
    } else if (found.length > 1) {
      throw new ExprError(node.column, `'${node.text}' is ambiguous; expected one of ${found.join(', ')}`);
    } else if (word) {
      node.op = 'literal';
      node.value = node.text;
    } else {
      throw new ExprError(node.column, `unknown name '${node.text}'${hint(node.text, known)}`);
    }
    return node;
  }
  // Decided before any is renamed: a word that becomes a text must not change its neighbour's meaning.
  const words = node.args.map((_, k) => comparedWithName(node, k, known));
  node.args.forEach((arg, k) => bind(arg, known, words[k]));
  return node;
}
