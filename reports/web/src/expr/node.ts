// The tree of an expression. The language is core/expr's; tests/fixtures/expr_cases.json holds both to the same answers.
import type {Scalar} from '../data/payload';

export type Op = 'literal' | 'name' | 'call' | 'neg' | 'not' | '+' | '-' | '*' | '/' | '<' | '<=' | '>' | '>=' | '=' | '!=' |
    'and' | 'or' | 'in' | '~';

export interface Node {
  op: Op;
  value: Scalar;  // of a literal
  text: string;   // of a name or call
  args: Node[];
  column: number;  // 1-based, in characters
}

/** A wrong expression: what was found where, what was expected. */
export class ExprError extends Error {
  constructor(readonly column: number, text: string) {
    super(`column ${column}: ${text}`);
  }
}
