// What the reader chose, and the same in location.hash: a link restores the view.

export interface View {
  study: string;
  filter: string;
  brushes: Map<string, [number, number]>;  // by axis: parameter or metric; positions of choices where it has those
  axes: string[];                          // order of the axes; empty: the default
  sort: string;
  descending: boolean;
  pins: number[];                          // trial numbers
  onlyDifferences: boolean;
  theme: '' | 'light' | 'dark';            // '': as the system
  history: 'trial' | 'steps' | 'wall';
  zoom: '' | 'all' | 'best';               // '': as the values suggest
  heat: 'best' | 'contour' | 'rank';
  heatX: string;
  heatY: string;
  metric: string;                          // of the learning curves; '': the objective
  curveX: 'step' | 'time';
  zoomEnd: boolean;                        // the values of the last half fill the plot
  logX: boolean;
  logY: boolean;
  smooth: number;                          // weight of the past, 0 to 0.95
  pareto: string;                          // name of the horizontal axis; '': the first
  trial: number;                           // whose page is shown; 0: the first pinned, else the best
  at: Map<string, number>;                 // step of each artifact shown; the last where it is not there
  show: string;                            // '5', '10', '25', 'all', 'pinned'
}

export function defaultView(): View {
  return {
    study: '', filter: '', brushes: new Map(), axes: [], sort: 'rank', descending: false, pins: [], onlyDifferences: true,
    theme: '', history: 'trial', zoom: '', heat: 'best', heatX: '', heatY: '', metric: '', curveX: 'step', zoomEnd: false, logX: false, logY: false,
    pareto: '', trial: 0, at: new Map(), smooth: 0, show: '10',
  };
}

const short = (x: number) => String(Number(x.toPrecision(6)));

/** Only what differs from the default; names are percent-encoded. */
export function toHash(view: View): string {
  const initial = defaultView();
  const params = new URLSearchParams();
  const put = (key: keyof View, value: string) => params.set(key, value);
  for (const key of ['study', 'filter', 'sort', 'theme', 'history', 'zoom', 'heat', 'pareto', 'heatX', 'heatY', 'metric', 'curveX', 'show'] as const) {
    if (view[key] !== initial[key]) put(key, view[key]);
  }
  for (const key of ['descending', 'onlyDifferences', 'zoomEnd', 'logX', 'logY'] as const) {
    if (view[key] !== initial[key]) put(key, view[key] ? '1' : '0');
  }
  if (view.smooth !== 0) put('smooth', short(view.smooth));
  if (view.trial > 0) put('trial', String(view.trial));
  for (const [name, step] of view.at) params.append('at', `${step} ${name}`);
  if (view.pins.length > 0) put('pins', view.pins.join(','));
  for (const axis of view.axes) params.append('axis', axis);
  for (const [axis, [low, high]] of view.brushes) params.append('brush', `${short(low)}..${short(high)} ${axis}`);
  const text = params.toString();
  return text === '' ? '' : `#${text}`;
}

/** Anything that does not parse is left at its default: links come from anywhere. */
export function fromHash(hash: string): View {
  const view = defaultView();
  const params = new URLSearchParams(hash.replace(/^#/, ''));
  const one = <T extends string>(key: string, allowed: readonly T[], fallback: T): T => {
    const value = params.get(key) as T | null;
    return value !== null && allowed.includes(value) ? value : fallback;
  };
  for (const key of ['study', 'filter', 'sort', 'heatX', 'heatY', 'metric', 'pareto'] as const) view[key] = params.get(key) ?? view[key];
  view.theme = one('theme', ['', 'light', 'dark'], '');
  view.history = one('history', ['trial', 'steps', 'wall'], 'trial');
  view.zoom = one('zoom', ['', 'all', 'best'], '');
  view.heat = one('heat', ['best', 'contour', 'rank'], 'best');
  const trial = Number(params.get('trial'));
  view.trial = Number.isInteger(trial) && trial > 0 ? trial : 0;
  for (const text of params.getAll('at')) {
    const found = /^(\d+) (.+)$/s.exec(text);
    if (found) view.at.set(found[2], Number(found[1]));
  }
  view.curveX = one('curveX', ['step', 'time'], 'step');
  view.show = one('show', ['5', '10', '25', 'all', 'pinned'], '10');
  for (const key of ['descending', 'onlyDifferences', 'zoomEnd', 'logX', 'logY'] as const) {
    view[key] = one(key, ['0', '1'], view[key] ? '1' : '0') === '1';
  }
  const smooth = Number(params.get('smooth'));
  view.smooth = smooth > 0 && smooth <= 0.95 ? smooth : 0;
  view.pins = [...new Set((params.get('pins') ?? '').split(',').map(Number).filter((n) => Number.isInteger(n) && n > 0))];
  view.axes = params.getAll('axis');
  for (const text of params.getAll('brush')) {
    const found = /^(\S+?)\.\.(\S+) (.+)$/s.exec(text);
    const [low, high] = [Number(found?.[1]), Number(found?.[2])];
    if (found && Number.isFinite(low) && Number.isFinite(high)) view.brushes.set(found[3], [low, high]);
  }
  return view;
}
