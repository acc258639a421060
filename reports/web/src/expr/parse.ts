// Recursive descent. Precedence, lowest first: or, and, not, comparison, + -, * /, unary -.
import {ExprError, type Node, type Op} from './node';
import {type Token, tokens} from './lexer';

const DEPTH_LIMIT = 200;
const COMPARISONS = new Set(['<', '<=', '>', '>=', '=', '!=', '~']);

interface Tree {
  node: Node;
  depth: number;
}

class Parser {
  private readonly tokens: Token[];
  private at = 0;
  private nesting = 0;

  constructor(text: string) {
    this.tokens = tokens(text);
  }

  whole(): Node {
    const tree = this.disjunction();
    if (this.token.kind !== 'end') this.unexpected('an operator or the end');
    return tree.node;
  }

  private get token(): Token {
    return this.tokens[this.at];
  }

  private unexpected(expected: string): never {
    const found = this.token.kind === 'end' ? 'the end' : `'${this.token.text}'`;
    throw new ExprError(this.token.column, `found ${found}; expected ${expected}`);
  }

  private tooDeep(column: number): never {
    throw new ExprError(column, `nested or chained deeper than ${DEPTH_LIMIT} levels; expected less, 'in (...)' for long lists`);
  }

  private take(kind: 'symbol' | 'keyword', text: string): boolean {
    if (this.token.kind !== kind || this.token.text !== text) return false;
    ++this.at;
    return true;
  }

  private nested<T>(body: () => T): T {
    if (++this.nesting > DEPTH_LIMIT) this.tooDeep(this.token.column);
    const result = body();
    --this.nesting;
    return result;
  }

  private make(op: Op, column: number, ...children: Tree[]): Tree {
    const tree: Tree = {node: {op, value: null, text: '', args: [], column}, depth: 1};
    for (const child of children) this.adopt(tree, child);
    return tree;
  }

  private adopt(parent: Tree, child: Tree): void {
    parent.depth = Math.max(parent.depth, child.depth + 1);
    if (parent.depth > DEPTH_LIMIT) this.tooDeep(parent.node.column);
    parent.node.args.push(child.node);
  }

  private disjunction(): Tree {
    let left = this.conjunction();
    for (let column = this.token.column; this.take('keyword', 'or'); column = this.token.column) {
      left = this.make('or', column, left, this.conjunction());
    }
    return left;
  }

  private conjunction(): Tree {
    let left = this.negation();
    for (let column = this.token.column; this.take('keyword', 'and'); column = this.token.column) {
      left = this.make('and', column, left, this.negation());
    }
    return left;
  }

  private negation(): Tree {
    const {column} = this.token;
    if (!this.take('keyword', 'not')) return this.comparison();
    return this.nested(() => this.make('not', column, this.negation()));
  }

  private isComparison(): boolean {
    return this.token.kind === 'symbol' && COMPARISONS.has(this.token.text);
  }

  private comparison(): Tree {
    let left = this.sum();
    const {column} = this.token;
    if (this.isComparison()) {
      const op = this.token.text as Op;
      ++this.at;
      left = this.make(op, column, left, this.sum());
    } else if (this.take('keyword', 'in')) {
      left = this.membership(column, left);
    } else if (this.take('keyword', 'not')) {
      if (!this.take('keyword', 'in')) this.unexpected(`'in' after 'not'`);
      left = this.make('not', column, this.membership(column, left));
    } else if (this.take('keyword', 'is')) {
      left = this.missing(column, left);
    } else {
      return left;
    }
    const word = this.token.kind === 'keyword' && ['in', 'not', 'is'].includes(this.token.text);
    if (this.isComparison() || word) this.unexpected(`'and' or 'or', since comparisons do not chain`);
    return left;
  }

  /** After 'is': null, or not null. It is the call is_null(), whose meaning is nothing special. */
  private missing(column: number, left: Tree): Tree {
    const negated = this.take('keyword', 'not');
    if (!this.take('keyword', 'null')) this.unexpected(`'null' or 'not null' after 'is'`);
    const call = this.make('call', column, left);
    call.node.text = 'is_null';
    return negated ? this.make('not', column, call) : call;
  }

  private membership(column: number, left: Tree): Tree {
    const tree = this.make('in', column, left);
    if (!this.take('symbol', '(')) this.unexpected(`'(' and a list after 'in'`);
    this.list(tree);
    return tree;
  }

  private list(tree: Tree): void {
    this.nested(() => {
      do this.adopt(tree, this.disjunction());
      while (this.take('symbol', ','));
      if (!this.take('symbol', ')')) this.unexpected(`',' or ')'`);
    });
  }

  private sum(): Tree {
    return this.chain(['+', '-'], () => this.product());
  }

  private product(): Tree {
    return this.chain(['*', '/'], () => this.factor());
  }

  private chain(ops: string[], next: () => Tree): Tree {
    let left = next();
    while (this.token.kind === 'symbol' && ops.includes(this.token.text)) {
      const {text, column} = this.token;
      ++this.at;
      left = this.make(text as Op, column, left, next());
    }
    return left;
  }

  private factor(): Tree {
    const {column} = this.token;
    if (!this.take('symbol', '-')) return this.primary();
    return this.nested(() => this.make('neg', column, this.factor()));
  }

  private primary(): Tree {
    const token = this.token;
    if (this.take('symbol', '(')) {
      return this.nested(() => {
        const inner = this.disjunction();
        if (!this.take('symbol', ')')) this.unexpected(`')' or an operator`);
        return inner;
      });
    }
    const tree = this.make('literal', token.column);
    if (token.kind === 'literal') {
      tree.node.value = token.value;
    } else if (token.kind === 'keyword' && (token.text === 'true' || token.text === 'false')) {
      tree.node.value = token.text === 'true';
    } else if (token.kind === 'name') {
      tree.node.op = 'name';
      tree.node.text = token.text;
    } else if (token.kind !== 'keyword' || token.text !== 'null') {
      this.unexpected(`a name, a value or '('`);
    }
    ++this.at;
    if (tree.node.op === 'name' && this.take('symbol', '(')) {
      tree.node.op = 'call';
      if (!this.take('symbol', ')')) this.list(tree);
    }
    return tree;
  }
}

export function parse(text: string): Node {
  return new Parser(text).whole();
}
