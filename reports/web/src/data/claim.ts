// Claims as C++ writes them (reports/html/claims.h): verdicts with their figures, and the numbers of their plots.
import type {ArtifactJson} from './payload';

export type Verdict = 'supported' | 'contradicted' | 'undecided';
/** Which of the claim's two arms a line or picture is; '': another. */
export type Side = '' | 'better' | 'than';

export interface LinePlotJson {
  kind: 'line';
  by: string;  // what tells the lines apart
  x: string;
  y: string;
  log: boolean;
  labels: string[] | null;  // of x where that is no number: x is the position
  lines: {label: string; side: Side; metric: string; x: number[]; mean: number[]; half_width: (number | null)[]; n: number[]}[];
}

export interface CurvesPlotJson {
  kind: 'curves';
  log: boolean;
  lines: {label: string; side: Side; metric: string; setting: string; n: number; x: number[]; mean: number[]; half_width: (number | null)[]}[];
}

export interface HeatAxisJson {
  name: string;
  labels: string[];  // of its cells
}

export interface HeatMapPlotJson {
  kind: 'heat_map';
  x: HeatAxisJson;
  y: HeatAxisJson;
  metric: string;
  maximize: boolean;
  maps: {label: string; side: Side; x: number[]; y: number[]; mean: number[]; n: number[]; rank: number[]; ridge: number[]}[];  // ridge: the best cell of each row; -1: none
}

export interface PicturesPlotJson {
  kind: 'pictures';
  picture: string;
  arms: {label: string; side: Side; study: string; number: number | null; artifacts: ArtifactJson[] | null}[];  // null: not in the page
}

export type ClaimPlotJson = LinePlotJson | CurvesPlotJson | HeatMapPlotJson | PicturesPlotJson;

export interface ClaimJson {
  study: string;
  index: number;  // of the study's claims, from 1
  text: string;
  arms: string;
  better: string;
  than: string;
  metric: string;
  maximize: boolean;
  margin: number;
  within: number | null;
  n: number;
  mean: number;
  half_width: number | null;
  p: number | null;
  verdict: Verdict;
  mark: string;  // "few seeds (3)", or empty
  why: string;
  how: string;  // trials were compared
  pairs: {label: string; difference: number}[];
  plot: ClaimPlotJson | null;  // null: the strip alone
  page?: string;               // on the index: the file with the claim's page
}

/** The page of claims (`report --claims`). */
export interface IndexJson {
  format: number;
  title: string;
  created: number;
  code_version: string;
  headings: Record<string, string>;  // by file of a page
  claims: ClaimJson[];
}
