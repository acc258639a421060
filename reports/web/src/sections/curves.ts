// Learning curves: the best trials of the selection over the bands of all, training beside validation.
import type {App} from '../app';
import type {BandsJson} from '../data/payload';
import type {Metric, Study} from '../data/study';
import {Card, segmented, selectBox, toggle} from '../ui/card';
import {axisStyle, base, Chart} from '../ui/chart';
import {h} from '../ui/dom';
import {type Cell, csv} from '../ui/download';
import {filesMenu} from '../ui/files';
import {count, duration, number, percent} from '../ui/format';
import type {Palette} from '../ui/palette';
import {rowOfPoint} from '../ui/points';
import {logTicks} from '../ui/scale';
import {smoothed} from '../ui/smooth';

interface Line {
  row: number;
  metric: string;
  training: boolean;
  points: [number, number][];
}

/** val_loss has train_loss beside it, and the other way round. */
function twinOf(study: Study, metric: Metric): Metric | undefined {
  const {name} = metric;
  const other = name.startsWith('val_') ? `train_${name.slice(4)}` : '';
  return study.metrics.find((m) => m.name === other);
}

function fitFinding(study: Study): string {
  const {fit} = study.json.plots.learning_curves;
  if (!fit) return '';
  if (fit.overfits) {
    return `Trial #${fit.number} overfits after step ${fit.best_step}: val_loss ${number(fit.best, 3)} there, ${number(fit.last, 3)} at step ${fit.last_step}.`;
  }
  if (fit.still_falling) return `The validation loss of trial #${fit.number} was still falling at step ${fit.last_step}: longer training may help.`;
  const share = percent(fit.gap / Math.abs(fit.last));
  if (fit.fit === 'capacity') return `Trial #${fit.number} has levelled off with both losses ${share} apart: the network, not the data, limits it.`;
  if (fit.fit === 'gap') return `Trial #${fit.number} has levelled off with its validation loss ${share} above the training loss: regularisation or more data may help.`;
  const level = fit.best_step === fit.last_step ? ', but had levelled off' : '';
  return `The validation loss of trial #${fit.number} is smallest at step ${fit.best_step} of ${fit.last_step}${level}.`;
}

export function curvesCard(app: App): Card {
  const card = new Card('curves', 'Learning curves', 'wide');
  const {study} = app;
  const measured = study.metrics.filter((m) => [...m.curves.values()].some((c) => c.some(Number.isFinite)));
  const longest = study.steps.reduce((n, s) => Math.max(n, s.length), 0);
  if (measured.length === 0 || longest < 2) {
    card.empty(longest < 2 && measured.length > 0 ? 'One step a trial: no curve' : 'No measurements yet',
               'Trials that measure at two or more steps draw their curves here.');
    return card;
  }
  const metric = () => measured.find((m) => m.name === app.view.metric) ?? measured[0];
  const hasTime = [...study.seconds.values()].some((c) => c.some(Number.isFinite));

  const rows = (): number[] => {
    const {show} = app.view;
    if (show === 'pinned') return app.view.pins.map((n) => study.rowOf(n)).filter((r): r is number => r !== undefined);
    const order = [...study.number.keys()].filter((r) => app.selection.mask[r] && study.steps[r].length > 0)
                      .sort((a, b) => (study.rank[a] || Infinity) - (study.rank[b] || Infinity));
    const top = show === 'all' ? order : order.slice(0, Number(show));
    const pinned = app.view.pins.map((n) => study.rowOf(n)).filter((r): r is number => r !== undefined && !top.includes(r));
    return [...top, ...pinned];
  };

  const xOf = (row: number): ArrayLike<number> => {
    if (app.view.curveX === 'time' && hasTime) return study.seconds.get(row) ?? [];
    return study.steps[row];
  };

  const lines = (): Line[] => {
    const m = metric();
    const twin = twinOf(study, m);
    const out: Line[] = [];
    for (const row of rows()) {
      for (const [which, training] of [[twin, true], [m, false]] as const) {
        const curve = which?.curves.get(row);
        if (!which || !curve) continue;
        const x = xOf(row);
        const y = app.view.smooth > 0 ? smoothed(curve, app.view.smooth) : curve;
        const points: [number, number][] = [];
        for (let i = 0; i < y.length; ++i) {
          if (!Number.isFinite(y[i]) || !Number.isFinite(x[i])) continue;
          if ((app.view.logX && x[i] <= 0) || (app.view.logY && y[i] <= 0)) continue;
          points.push([x[i], y[i]]);
        }
        if (points.length > 0) out.push({row, metric: which.name, training, points});
      }
    }
    return out;
  };

  const band = (bands: BandsJson, low: number[], high: number[], palette: Palette, opacity: number) => {
    const keep = (y: number) => !app.view.logY || y > 0;
    const at = bands.steps.map((step, i) => ({step, low: low[i], high: high[i]})).filter((p) => keep(p.low));
    return {
      type: 'custom', silent: true, z: 1, data: [[0, 0]], clip: true,
      renderItem: (_: unknown, api: {coord: (p: number[]) => number[]}) => ({
        type: 'polygon',
        shape: {points: [...at.map((p) => api.coord([tx(p.step), ty(p.low)])), ...at.map((p) => api.coord([tx(p.step), ty(p.high)])).reverse()]},
        style: {fill: palette.ranks[6], opacity},
      }),
    };
  };
  const tx = (x: number) => (app.view.logX ? Math.log10(x) : x);
  const ty = (y: number) => (app.view.logY ? Math.log10(y) : y);

  /** The objective's curves from first steps or diverged trials must not squeeze the rest. */
  const rangeY = (drawn: Line[], bands: BandsJson | undefined): [number, number] => {
    const end = (x: number, last: number) => !app.view.zoomEnd || x >= last / 2;
    const values = drawn.flatMap((l) => l.points.filter((p) => end(p[0], l.points[l.points.length - 1][0])).map((p) => p[1]))
                       .concat(bands ? [bands.q10, bands.q90].flatMap((q) => q.filter((_, i) => end(bands.steps[i], bands.steps[bands.steps.length - 1]))) : [])
                       .filter((y) => Number.isFinite(y) && (!app.view.logY || y > 0)).sort((a, b) => a - b);
    if (values.length === 0) return [0, 1];
    const q = (p: number) => values[Math.round(p * (values.length - 1))];
    let [low, high] = [values[0], values[values.length - 1]];
    const spread = q(0.98) - q(0.02);
    if (!app.view.logY && spread > 0) {
      low = Math.max(low, q(0.02) - spread);
      high = Math.min(high, q(0.98) + spread);
    }
    const pad = (ty(high) - ty(low)) * 0.05 || Math.abs(ty(high)) * 0.05 || 0.5;
    return [ty(low) - pad, ty(high) + pad];
  };

  const option = (width: number) => {
    const {palette, view} = app;
    const m = metric();
    const drawn = lines();
    const bands = view.curveX === 'step' || !hasTime ? study.json.plots.learning_curves.bands[m.name] : undefined;
    const [low, high] = rangeY(drawn, bands);
    const xs = drawn.flatMap((l) => [l.points[0][0], l.points[l.points.length - 1][0]]).concat(bands ? [bands.steps[0], bands.steps[bands.steps.length - 1]] : []);
    const [x0, x1] = xs.length > 0 ? [Math.min(...xs), Math.max(...xs)] : [0, 1];
    const order = rows();
    const axis = axisStyle(palette, '');
    const xText = (x: number) => (view.curveX === 'time' && hasTime ? duration(x) : number(x));
    const logAxis = (a: number, b: number, text: (x: number) => string) => ({
      customValues: logTicks(10 ** a, 10 ** b, 6).map(Math.log10), formatter: (v: number) => text(10 ** v),
    });
    const color = (row: number) => {
      if (row === study.bestRow || app.isPinned(row)) return palette.accent;
      return palette.ranks[Math.min(8, 1 + Math.floor(8 * order.indexOf(row) / Math.max(1, order.length)))];
    };
    const few = order.length <= 12;
    return {
      ...base(palette),
      grid: {left: 8, right: few ? 56 : 24, top: 32, bottom: 32, containLabel: true},
      tooltip: {formatter: (p: {data: {line: Line; value: [number, number]}}) => {
        const {line, value} = p.data;
        const [x, y] = [view.logX ? 10 ** value[0] : value[0], view.logY ? 10 ** value[1] : value[1]];
        return `#${study.number[line.row]}  ${line.metric} ${number(y)}\n${view.curveX === 'time' && hasTime ? duration(x) : `step ${x}`}`;
      }},
      xAxis: {type: 'value', ...axis, name: view.curveX === 'time' && hasTime ? 'training time' : 'step', nameLocation: 'middle', nameGap: 30,
              min: tx(x0), max: tx(x1) === tx(x0) ? tx(x0) + 1 : tx(x1), splitLine: {show: false},
              axisLabel: {...axis.axisLabel, ...(view.logX ? logAxis(tx(x0), tx(x1), xText) : {formatter: xText})}},
      yAxis: {type: 'value', ...axis, name: m.name, nameTextStyle: {color: palette.faint, align: 'left', padding: [0, 0, 4, 0]}, min: low, max: high,
              axisLine: {show: false},
              axisLabel: {...axis.axisLabel, showMinLabel: false, showMaxLabel: false,
                          ...(view.logY ? logAxis(low, high, (y) => number(y, 3)) : {formatter: (y: number) => number(y)})}},
      series: [
        ...(bands ? [band(bands, bands.q10, bands.q90, palette, 0.22), band(bands, bands.q25, bands.q75, palette, 0.30), {
          id: 'median', type: 'line', silent: true, symbol: 'none', z: 2, lineStyle: {color: palette.faint, width: 1.5, type: [2, 3]},
          data: bands.steps.map((step, i) => [tx(step), ty(bands.q50[i])]),
          endLabel: {show: width > 480 && few, formatter: 'median', color: palette.faint, fontSize: 11}, labelLayout: {moveOverlap: 'shiftY'},
        }] : []),
        ...drawn.map((line) => {
          const strong = line.row === study.bestRow || app.isPinned(line.row);
          return {
            id: `curve-${line.row}-${line.metric}`, type: 'line', z: strong ? 6 : 4,
            symbol: 'circle', symbolSize: 5, showSymbol: line.points.length === 1,
            data: line.points.map(([x, y]) => ({value: [tx(x), ty(y)], line, row: line.row})),
            clip: true, lineStyle: {color: color(line.row), width: strong ? 2.25 : order.length > 50 ? 0.75 : 1.25,
                        type: line.training ? [4, 4] : 'solid', opacity: line.training ? 0.75 : 1},
            itemStyle: {color: color(line.row)},
            endLabel: {show: strong && few && !line.training, formatter: `#${study.number[line.row]}`, color: strong ? palette.accent : palette.soft,
                       fontSize: 11, fontWeight: strong ? 600 : 400, distance: 6},
            labelLayout: {moveOverlap: 'shiftY'},
          };
        }),
      ],
    };
  };
  const plot = h('div');
  const chart = new Chart(plot, (width) => (width < 600 ? 300 : 384), option, (data) => {
    const row = rowOfPoint(data);
    if (row !== undefined) app.togglePin(row);
  });
  card.body.append(plot);

  const say = () => {
    const m = metric();
    const shown = rows().filter((r) => m.curves.has(r)).length;
    const bands = study.json.plots.learning_curves.bands[m.name];
    const last = bands ? bands.q50.length - 1 : -1;
    const isLoss = m.name === 'val_loss' || m.name === 'train_loss';
    const fit = fitFinding(study);
    const summary = bands ? `Half of the ${count(bands.count[last], 'trial')} that reached step ${bands.steps[last]} have ${m.name} ${study.json.maximize === isLoss ? 'below' : 'above'} ${number(bands.q50[last], 3)}` :
        `${m.name} of the best trials`;
    const title = isLoss && fit !== '' ? fit : m.name === study.json.objective || isLoss ? summary : `${m.name} of the best trials`;
    const notes = [
      title === fit ? '' : fit.replace(/\.$/, ''),
      `${count(shown, 'trial')} drawn`,
      twinOf(study, m) ? 'dashed: training' : '',
      bands ? 'bands: 10\u201390 % and 25\u201375 % of all trials at each step' : '',
      'as 12-bit values',
    ];
    card.say(title.replace(/\.$/, ''), `${notes.filter((n) => n !== '').join('; ')}.`);
    chart.label(`${m.name} against ${app.view.curveX}: ${title}`);
  };
  const controls = () => {
    const slider = h('input', {
      type: 'range', min: 0, max: 0.95, step: 0.05, value: app.view.smooth, 'aria-label': 'Smoothing',
      input: () => app.setOptions({smooth: Number(slider.value)}),
    });
    card.controls(
        measured.length > 1 && selectBox('Metric', measured.map((m) => [m.name, m.name]), metric().name, (name) => app.setOptions({metric: name})),
        selectBox('Trials shown', [['5', 'best 5'], ['10', 'best 10'], ['25', 'best 25'], ['all', 'all'], ['pinned', 'pinned']], app.view.show,
                  (show) => app.setOptions({show})),
        hasTime && segmented('Horizontal axis', [['step', 'Steps'], ['time', 'Time']], () => app.view.curveX, (curveX: 'step' | 'time') => app.setOptions({curveX})),
        toggle('zoom to end', () => app.view.zoomEnd, (zoomEnd) => app.setOptions({zoomEnd})),
        toggle('log x', () => app.view.logX, (logX) => app.setOptions({logX})),
        toggle('log y', () => app.view.logY, (logY) => app.setOptions({logY})),
        h('label', {class: 'slider'}, 'smooth', slider),
        filesMenu(() => study.name, 'curves', {
          svg: () => chart.svg(),
          csv: () => ({
            text: csv(['number', 'metric', app.view.curveX, 'value'],
                      lines().flatMap((l) => l.points.map(([x, y]): Cell[] => [study.number[l.row], l.metric, x, Number(y.toPrecision(6))]))),
            note: 'The plotted values (12 bits of each curve\u2019s range, as smoothed)',
          }),
        }));
  };
  say();
  controls();
  for (const topic of ['selection', 'pins', 'options'] as const) {
    app.on(topic, () => {
      say();
      chart.update();
    });
  }
  app.on('theme', () => chart.update());
  return card;
}
