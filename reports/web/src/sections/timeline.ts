// Timeline: a lane per device, each trial a bar from start to end; pauses are gaps.
import type {App} from '../app';
import {Card} from '../ui/card';
import {axisStyle, base, Chart} from '../ui/chart';
import {h} from '../ui/dom';
import {csv} from '../ui/download';
import {filesMenu} from '../ui/files';
import {clip, count, duration, percent} from '../ui/format';
import type {Palette} from '../ui/palette';
import {niceTicks} from '../ui/scale';
import {objectiveText} from '../ui/values';

const LOST = new Set(['failed', 'diverged', 'infeasible']);

/** Ticks at whole seconds, minutes, hours. */
export function timeTicks(end: number, most: number): number[] {
  const unit = end > 3 * 86400 ? 86400 : end > 3 * 3600 ? 3600 : end > 180 ? 60 : 1;
  return niceTicks(0, end / unit, most).map((t) => t * unit);
}

export function timelineCard(app: App): Card {
  const card = new Card('timeline', 'Timeline', 'full');
  const {study} = app;
  const {lanes, stretches, devices, active, mean_running: running} = study.json.plots.timeline;
  if (stretches.row.length === 0) {
    card.empty('No trial has run yet', 'Each trial becomes a bar on the line of its device, from its start to its end.');
    return card;
  }
  const state = study.columns.get('state')!;
  const text = objectiveText(study);
  const begin = stretches.from.reduce((a, b) => Math.min(a, b), Infinity);
  const end = stretches.to.reduce((a, b) => Math.max(a, b), 0) - begin;
  const laneHeight = lanes.length <= 8 ? 30 : lanes.length <= 24 ? 18 : Math.max(4, 480 / lanes.length);
  const color = (row: number, palette: Palette) => {
    const s = String(state.at(row));
    if (!app.selection.mask[row]) return palette.ghost;
    if (row === study.bestRow || app.isPinned(row)) return palette.accent;
    if (LOST.has(s)) return palette.lost;
    return s === 'completed' ? palette.ranks[2] : s === 'stopped' ? palette.ranks[5] : palette.ranks[7];
  };
  const names = lanes.map((device, i) => (i > 0 && lanes[i - 1] === device ? '' : clip(device || 'unknown', 16)));

  const option = (width: number) => {
    const {palette} = app;
    const axis = axisStyle(palette, '');
    const ticks = timeTicks(end, Math.max(2, Math.min(8, Math.floor(width / 120))));
    return {
      ...base(palette),
      grid: {left: 8, right: 72, top: 8, bottom: 40, containLabel: true},
      tooltip: {formatter: (p: {data: number[]}) => {
        const [, from, to, row] = p.data;
        const value = study.value[row];
        const reason = study.columns.get('reason')!.at(row);
        return `#${study.number[row]}  ${String(state.at(row))}${Number.isNaN(value) ? '' : `  ${text(value)}`}\n${duration(to - from)} from ${duration(from)}` +
            (reason === null ? '' : `\n${clip(String(reason), 60)}`);
      }},
      xAxis: {type: 'value', ...axis, min: 0, max: end || 1, name: 'time since the first trial started', nameLocation: 'middle', nameGap: 30, splitLine: {show: false},
              axisLabel: {...axis.axisLabel, customValues: ticks, formatter: (v: number) => duration(v)}},
      yAxis: {type: 'value', min: 0, max: lanes.length, inverse: true, ...axis, axisLine: {show: false}, splitLine: {show: false},
              axisLabel: {...axis.axisLabel, color: palette.ink, fontSize: 12, customValues: lanes.map((_, i) => i + 0.5), formatter: (v: number) => names[Math.floor(v)] ?? ''}},
      series: [{
        id: 'stretches', type: 'custom', clip: true, encode: {x: [1, 2], y: 0}, progressive: 0,
        data: stretches.row.map((row, i) => [stretches.lane[i], stretches.from[i] - begin, stretches.to[i] - begin, row]),
        renderItem: (_: unknown, api: {value: (i: number) => number; coord: (p: number[]) => number[]}) => {
          const [lane, from, to, row] = [0, 1, 2, 3].map((i) => api.value(i));
          const [x0, y0] = api.coord([from, lane]);
          const [x1, y1] = api.coord([to, lane + 1]);
          const gap = laneHeight > 10 ? 3 : 0.5;
          const wide = x1 - x0 > 3;
          const number = `#${study.number[row]}`;
          const fill = color(row, palette);
          const label = laneHeight >= 18 && x1 - x0 > 9 * number.length + 4;
          return {
            type: 'rect', shape: {x: x0, y: y0 + gap, width: Math.max(0.75, x1 - x0 - (wide ? 1 : 0)), height: y1 - y0 - 2 * gap, r: wide && laneHeight > 10 ? 3 : 0},
            style: {fill}, emphasis: {style: {fill: palette.accent}},
            ...(label ? {textConfig: {position: 'inside'}, textContent: {type: 'text', style: {text: number, fill: palette.inkOn(fill), fontSize: 11}}} : {}),
          };
        },
      }, {
        id: 'occupancy', type: 'custom', silent: true, data: devices.map((d, i) => [i, d.occupancy]),
        renderItem: (params: {coordSys: {x: number; width: number}}, api: {value: (i: number) => number; coord: (p: number[]) => number[]}) => {
          const device = devices[api.value(0)];
          const [, y] = api.coord([0, lanes.indexOf(device.name) + 0.5]);
          return {type: 'text', x: params.coordSys.x + params.coordSys.width + 12, y,
                  style: {text: percent(device.occupancy), fill: palette.soft, fontSize: 12, verticalAlign: 'middle'}};
        },
      }],
    };
  };
  const plot = h('div');
  const chart = new Chart(plot, () => Math.round(lanes.length * laneHeight + 56), option, (data) => {
    if (Array.isArray(data) && data.length === 4) app.togglePin(Number(data[3]));
  });
  card.body.append(plot);
  const least = devices.reduce((a, b) => (b.occupancy < a.occupancy ? b : a));
  const title = devices.length === 1 ? `${clip(least.name, 24) || 'The device'} was busy ${percent(least.occupancy)} of the time` :
      devices.length === 2 ? devices.map((d) => `${clip(d.name, 24)} was busy ${percent(d.occupancy)}`).join(', ') + ' of the time' :
      least.occupancy >= 0.9 ? `All ${devices.length} devices were busy at least ${percent(least.occupancy)} of the time` :
      `${clip(least.name, 24) || 'One device'} was busy ${percent(least.occupancy)} of the time, the others more`;
  card.say(title, `${count(stretches.row.length, 'stretch', 'stretches')} of training in ${duration(active)}, ${running.toFixed(1)} trials at a time on average. ` +
           'Dark: completed; lighter: stopped early; brown: failed or diverged; orange: the best and pinned. Time in which nothing trained does not count.');
  chart.label(`${title}. ${devices.map((d) => `${d.name}: busy ${duration(d.busy)}, ${percent(d.occupancy)}`).join('; ')}`);
  card.controls(filesMenu(() => study.name, 'timeline', {
    svg: () => chart.svg(),
    csv: () => ({
      text: csv(['number', 'device', 'from', 'to', 'state'], stretches.row.map((row, i) =>
        [study.number[row], lanes[stretches.lane[i]], stretches.from[i], stretches.to[i], state.at(row)])),
      note: 'Seconds since the study was created, to the hundredth',
    }),
  }));
  for (const topic of ['selection', 'theme', 'pins'] as const) app.on(topic, () => chart.update());
  return card;
}
