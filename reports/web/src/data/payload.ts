// The payload as C++ writes it (reports/html/payload.h; format in reports/README.md).

import type {ClaimJson} from './claim';

export type Scalar = string | number | boolean | null;

export interface ColumnJson {
  at: number;
  values?: Scalar[];
}

export interface ParamJson {
  name: string;
  type: string;
  when: string;
  low?: number;
  high?: number;
  log?: boolean;
  choices?: number[];  // of an ordinal parameter
  column: ColumnJson;
}

export interface CurvesJson {
  at: number;
  rows?: number[];
}

export interface MetricJson {
  name: string;
  at_best: ColumnJson;
  last: ColumnJson;
  best?: ColumnJson;  // of the objective
  curves: CurvesJson;
}

export interface StairsJson {
  x: number[];
  best: number[];
  number: number[];
  end: number;
}

export interface BandsJson {
  steps: number[];
  count: number[];
  q10: number[];
  q25: number[];
  q50: number[];
  q75: number[];
  q90: number[];
}

export interface FitJson {
  number: number;
  best_step: number;
  last_step: number;
  best: number;
  last: number;
  gap: number;
  overfits: boolean;
  still_falling: boolean;
  fit: 'overfits' | 'too_short' | 'capacity' | 'gap';
}

export interface RegionJson {
  name: string;
  trials: number;
  low: number;
  high: number;
  choices: Scalar[];
  covered: number;
}

/** Whether the best trials lie closer together than all do. */
export function tells(region: RegionJson): boolean {
  return region.covered < 0.6 && region.trials > 1;
}

export interface CellsJson {
  name: string;
  edges: number[];
  values: Scalar[];
  cell: number[];
}

export interface TimelineJson {
  lanes: string[];  // device of each
  stretches: {lane: number[]; row: number[]; from: number[]; to: number[]};
  devices: {name: string; busy: number; occupancy: number}[];
  active: number;
  mean_running: number;
}

export interface TradeoffJson {
  name: string;
  maximize: boolean;
  objective: boolean;
  value: (number | null)[] | null;  // null: the trials' value
}

export interface ParetoJson {
  axes: TradeoffJson[];
  fronts: {x: number; y: number; front: number[]}[];  // positions in axes; rows
  all: number[] | null;
}

export interface ArtifactJson {
  step: number;
  name: string;
  kind: string;
  text?: string;
  problem?: string;
  data?: unknown;  // by kind: store/FORMAT.md, checked by reports/html/artifacts.cpp
}

export interface EnvelopeJson {
  x: number[];
  median: number[];
  low: number[];
  high: number[];
  n: number;
  coverage: number;
}

export interface ArmJson {
  label: string;
  studies: string[];
  seeds: string[];
  values: number[];
  mean: number | null;
  half_width: number | null;
  curves: Record<'trial' | 'steps' | 'wall', EnvelopeJson>;
}

export interface PairJson {
  first: number;
  second: number;
  n: number;
  mean: number;
  half_width: number | null;
  p: number | null;
  least_p: number;
  verdict: 'better' | 'worse' | 'undecided';
  text: string;
}

export interface ComparisonJson {
  objective: string;
  maximize: boolean;
  differs: string[];
  apart: string[];
  finding: string;
  sure: string;
  next: string;
  command: string;
  arms: ArmJson[];
  pairs: PairJson[];
}

export interface AnswerJson {
  best: number | null;
  repeats: {n: number; mean: number; half_width: number} | null;
  noise: number | null;
  noise_of_seeds: boolean;
  reach: number | null;  // differences up to this are within the noise
  within_noise: number;
  optimism: number | null;
  runners_up: {number: number; behind: number; within_noise: boolean}[];
  warnings: {kind: string; param: string; text: string}[];
  states: Record<string, number>;
  steps: number;
  seconds: number;
  quantiles: number[];  // of the ranked values, best first: 0, 5, 25, 50, 75, 95, 100 % of the way to the worst; empty without any
  commands: {does: string; text: string}[];
}

export interface StudyJson {
  name: string;
  note: string;
  state: string;
  sampler: string;
  strategy: string;
  seed: number;
  planned: number;
  created: number;
  code_version: string;
  host: string;
  objective: string;
  maximize: boolean;
  rows: number;
  trials: Record<string, ColumnJson>;
  params: ParamJson[];
  metrics: MetricJson[];
  steps_at: number;
  seconds: CurvesJson;
  answer: AnswerJson;
  plots: {
    history: {trial: StairsJson; steps: StairsJson; wall: StairsJson};
    importance: {name: string; share: number; sign: number}[];
    parallel: RegionJson[];
    heat_map: CellsJson[];
    learning_curves: {bands: Record<string, BandsJson>; fit: FitJson | null};
    pareto: ParetoJson;
    timeline: TimelineJson;
  };
  artifacts: Record<string, ArtifactJson[]>;  // by trial number
}

export interface PayloadJson {
  format: number;
  title: string;
  created: number;
  trial: number | null;  // the page of one trial
  where: string;         // what a command needs to find the database: '' or ' --db FILE'
  comparison: ComparisonJson | null;
  claims: ClaimJson[];   // of all the studies together
  studies: StudyJson[];
}
