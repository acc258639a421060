// A study as the page works with it: rows are trials in order of number, columns are typed arrays.
import {readColumn, Reader} from './decode';
import type {AnswerJson, ColumnJson, CurvesJson, ParamJson, PayloadJson, Scalar, StudyJson} from './payload';
import {fromBase64, inflate} from './inflate';

export class Column {
  constructor(readonly name: string, readonly data: Float64Array, readonly values?: Scalar[]) {}

  /** null where missing. */
  at(row: number): Scalar {
    const x = this.data[row];
    if (Number.isNaN(x)) return null;
    return this.values ? this.values[x] : x;
  }

  get isText(): boolean {
    return this.values !== undefined;
  }
}

export interface Param {
  name: string;
  label: string;  // the last part of the name where that is unique
  type: string;
  when: string;
  numeric: boolean;
  log: boolean;
  low: number;
  high: number;
  choices: Scalar[];
  ordinal: number[];  // the values allowed, of a numeric parameter with few
  column: Column;
}

export interface Metric {
  name: string;
  atBest: Column;
  last: Column;
  best: Column | undefined;  // of the objective
  curves: Map<number, Float64Array>;  // by row
}

export class Study {
  readonly rows: number;
  readonly number: Float64Array;
  readonly value: Float64Array;
  readonly rank: Float64Array;  // NaN: not ranked
  readonly columns: Map<string, Column>;
  readonly params: Param[];
  readonly metrics: Metric[];
  readonly steps: Int32Array[];
  readonly seconds: Map<number, Float64Array>;  // cumulative, per step
  readonly ranked: number;
  /** Everything a filter may name. */
  readonly named: Map<string, Column>;
  private readonly rowByNumber = new Map<number, number>();

  constructor(readonly json: StudyJson, blob: Uint8Array) {
    const n = this.rows = json.rows;
    const column = (name: string, {at, values}: ColumnJson) => new Column(name, readColumn(blob, at, n), values);
    this.columns = new Map(Object.entries(json.trials).map(([name, c]) => [name, column(name, c)]));
    this.number = this.columns.get('number')!.data;
    this.value = this.columns.get('value')!.data;
    this.rank = this.columns.get('rank')!.data;
    this.ranked = this.rank.reduce((most, r) => (r > most ? r : most), 0);
    this.number.forEach((number, row) => this.rowByNumber.set(number, row));

    const labels = shortNames(json.params.map((p) => p.name));
    this.params = json.params.map((p: ParamJson, i) => ({
      name: p.name,
      label: labels[i],
      type: p.type,
      when: p.when,
      numeric: p.column.values === undefined,
      log: p.log ?? false,
      low: p.low ?? 0,
      high: p.high ?? 1,
      choices: p.column.values ?? [],
      ordinal: p.choices ?? [],
      column: column(p.name, p.column),
    }));

    const steps = new Reader(blob, json.steps_at);
    this.steps = Array.from({length: n}, () => steps.steps());
    const curves = ({at, rows}: CurvesJson) => {
      const reader = new Reader(blob, at);
      const byRow = new Map<number, Float64Array>();
      for (const row of rows ?? this.steps.keys()) byRow.set(row, reader.curve(this.steps[row].length));
      return byRow;
    };
    this.metrics = json.metrics.map((m) => ({
      name: m.name,
      atBest: column(m.name, m.at_best),
      last: column(`last(${m.name})`, m.last),
      best: m.best && column(`best(${m.name})`, m.best),
      curves: curves(m.curves),
    }));
    this.seconds = curves(json.seconds);

    this.named = this.nameColumns();
  }

  /** In the order of store/query/names.cpp: what comes first keeps a name that several things have. */
  private nameColumns(): Map<string, Column> {
    const named = new Map<string, Column>();
    const add = (column: Column, name = column.name) => {
      if (!named.has(name)) named.set(name, column);
    };
    const trial = (...names: string[]) => names.forEach((name) => add(this.columns.get(name)!));
    // Texts of a trial are empty, never missing.
    const text = (name: string, as = name) => {
      const {data, values} = this.columns.get(name)!;
      add(new Column(as, data.map((x) => (Number.isNaN(x) ? values!.length : x)), [...values!, '']));
    };
    const wall = (name: string) => add(new Column(name, this.columns.get(name)!.data.map((x) => x + this.json.created)));
    trial('number', 'state', 'value', 'steps', 'seconds');
    this.params.forEach((p) => add(p.column));
    text('device');
    text('reason');
    text('tags', 'tag');
    text('note');
    wall('started');
    wall('ended');
    add(new Column('kind', new Float64Array(this.rows), ['search']));
    this.metrics.forEach((m) => {
      add(m.atBest);
      add(m.last);
      if (m.best) add(m.best);
    });
    trial('rank', 'best_step');
    return named;
  }

  get name(): string {
    return this.json.name;
  }
  get answer(): AnswerJson {
    return this.json.answer;
  }
  /** An axis of the parallel coordinates: a parameter, or the objective. */
  axis(name: string): Column | undefined {
    return name === this.objectiveAxis ? this.columns.get('value') : this.param(name)?.column;
  }
  /** Never the name of a parameter. */
  readonly objectiveAxis = 'value';

  get bestRow(): number | undefined {
    return this.answer.best === null ? undefined : this.rowOf(this.answer.best);
  }
  rowOf(number: number): number | undefined {
    return this.rowByNumber.get(number);
  }
  param(name: string): Param | undefined {
    return this.params.find((p) => p.name === name);
  }
  /** Parameters that took more than one value: the others are not drawn. */
  get varied(): Param[] {
    return this.params.filter((p) => p.type !== 'constant' && (p.numeric ? p.high > p.low : p.choices.length > 1));
  }
  /** 0: the best tenth, ..., 9: the worst; -1: not ranked. */
  decile(row: number): number {
    const rank = this.rank[row];
    return Number.isNaN(rank) ? -1 : Math.min(9, Math.floor(10 * (rank - 1) / this.ranked));
  }
}

/** The last dotted part of each name, or the whole name where another ends alike. */
export function shortNames(names: string[]): string[] {
  const last = names.map((name) => name.slice(name.lastIndexOf('.') + 1));
  return names.map((name, i) => (last[i] !== '' && last.filter((l) => l === last[i]).length === 1 ? last[i] : name));
}

/** A payload as C++ packs it (reports/html/payload.h). */
export async function openBytes(packed: Uint8Array<ArrayBuffer>): Promise<{json: PayloadJson; studies: Study[]}> {
  const bytes = await inflate(packed);
  const length = new DataView(bytes.buffer).getUint32(0, true);
  const json = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length))) as PayloadJson;
  const blob = bytes.subarray(4 + length);
  return {json, studies: json.studies.map((study) => new Study(study, blob))};
}

export function openPayload(base64: string): Promise<{json: PayloadJson; studies: Study[]}> {
  return openBytes(fromBase64(base64));
}
