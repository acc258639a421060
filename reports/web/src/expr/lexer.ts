import type {Scalar} from '../data/payload';
import {ExprError} from './node';

export interface Token {
  kind: 'end' | 'literal' | 'name' | 'keyword' | 'symbol';
  text: string;
  value: Scalar;
  column: number;
}

const KEYWORDS = new Set(['and', 'or', 'not', 'in', 'is', 'true', 'false', 'null']);
const SYMBOLS: Record<string, string> = {'==': '=', '<>': '!=', '!=': '!=', '<=': '<=', '>=': '>='};
const SPACE = /[ \t-\r]/;
const DIGIT = /[0-9]/;
const WORD = /[A-Za-z_0-9.]|[^\0-\x7f]/;

const instead: Record<string, string> = {'&': `'and'`, '|': `'or'`, '!': `'not' or '!='`};

/** Characters are code points, so that columns count what a reader sees. */
export function tokens(source: string): Token[] {
  const text = [...source];
  const found: Token[] = [];
  let at = 0;
  const peek = (ahead = 0) => text[at + ahead] ?? '';
  const push = (kind: Token['kind'], word: string, column: number, value: Scalar = null) =>
    found.push({kind, text: word, value, column});

  const quoted = (column: number) => {
    const quote = text[at++];
    let content = '';
    while (at < text.length) {
      const c = text[at++];
      if (c === quote) {
        if (peek() !== quote) return content;
        ++at;
        content += c;
      } else if (c === '\\' && quote !== '`' && at < text.length) {
        content += text[at++];
      } else {
        content += c;
      }
    }
    throw new ExprError(column, `a text without an end; expected a closing ${quote}`);
  };

  for (;;) {
    while (at < text.length && SPACE.test(peek())) ++at;
    const column = at + 1;
    if (at >= text.length) {
      push('end', '', column);
      return found;
    }
    const c = peek();
    if (DIGIT.test(c) || (c === '.' && DIGIT.test(peek(1)))) {
      const first = at;
      while (WORD.test(peek()) || (/[+-]/.test(peek()) && /e/i.test(text[at - 1]) && DIGIT.test(peek(1)))) ++at;
      const word = text.slice(first, at).join('');
      const number = Number(word);
      if (!/^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(word) || !Number.isFinite(number)) {
        throw new ExprError(column, `'${word}' is not a number; expected for example 12, 0.5 or 1e-3`);
      }
      push('literal', word, column, number);
    } else if (c === '\'' || c === '"') {
      push('literal', c, column, quoted(column));
    } else if (c === '`') {
      push('name', quoted(column), column);
    } else if (WORD.test(c) && c !== '.') {
      const first = at;
      while (WORD.test(peek())) ++at;
      const word = text.slice(first, at).join('');
      const lower = word.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
      if (KEYWORDS.has(lower)) {
        push('keyword', lower, column);
      } else if (word.endsWith('.') || word.includes('..')) {
        throw new ExprError(column, `'${word}' is not a name; expected for example depth or model.depth`);
      } else {
        push('name', word, column);
      }
    } else if (SYMBOLS[c + peek(1)]) {
      push('symbol', SYMBOLS[c + peek(1)], column);
      at += 2;
    } else if ('<>=~+-*/(),'.includes(c)) {
      push('symbol', c, column);
      ++at;
    } else {
      throw new ExprError(column, `found '${c}'; expected ${instead[c] ?? 'a name, a value or an operator'}`);
    }
  }
}
