// Signed importance: a bar per parameter.
import type {App} from '../app';
import {Card} from '../ui/card';
import {base, Chart} from '../ui/chart';
import {h} from '../ui/dom';
import {csv} from '../ui/download';
import {filesMenu} from '../ui/files';
import {clip, percent} from '../ui/format';

export function importanceCard(app: App): Card {
  const card = new Card('importance', 'Importance', 'narrow');
  const {study} = app;
  const rows = study.json.plots.importance;
  if (rows.length === 0) {
    card.empty('Not known yet', 'Three trials with values show which settings go with better ones; ten a parameter show it well.');
    return card;
  }
  if (rows[0].share === 0) {
    card.empty('No setting explains the differences', 'The values do not rise or fall with any parameter, or all are equal.');
    return card;
  }
  const shown = rows.slice(0, 12);
  const label = (name: string) => study.param(name)?.label ?? name;
  const sense = (sign: number) => (sign > 0 ? 'higher is better' : sign < 0 ? 'lower is better' : 'no direction');

  const option = (width: number) => {
    const {palette} = app;
    return {
      ...base(palette),
      tooltip: {formatter: (p: {dataIndex: number}) => {
        const row = shown[p.dataIndex];
        return `${row.name}\n${percent(row.share)} of what is explained\n${sense(row.sign)}`;
      }},
      grid: {left: 8, right: 112, top: 8, bottom: 8, containLabel: true},
      xAxis: {type: 'value', show: false, min: 0, max: Math.max(shown[0].share, 0.01)},
      yAxis: {type: 'category', inverse: true, data: shown.map((r) => clip(label(r.name), width < 400 ? 12 : 18)),
              axisLine: {show: false}, axisTick: {show: false}, axisLabel: {color: palette.ink, fontSize: 13, margin: 12}},
      series: [{
        id: 'shares', type: 'bar', barWidth: 14,
        data: shown.map((row, i) => ({
          value: row.share,
          itemStyle: {color: i === 0 ? palette.ranks[2] : palette.ranks[5], borderRadius: [0, 3, 3, 0]},
          label: {show: true, position: 'right', distance: 8, color: palette.soft, fontSize: 12,
                  formatter: `{a|${percent(row.share)}} ${row.sign > 0 ? '\u2197 rises' : row.sign < 0 ? '\u2198 falls' : ''}`,
                  rich: {a: {color: palette.ink, fontWeight: 600, fontSize: 12}}},
        })),
      }],
    };
  };
  const plot = h('div');
  const chart = new Chart(plot, () => 24 + 36 * shown.length, option);
  card.body.append(plot);
  const first = rows[0];
  card.say(`${clip(label(first.name), 28)} matters most: ${percent(first.share)}` + (first.sign === 0 ? '' : `, ${sense(first.sign)}`),
           '\u2197 values get better as the setting rises, \u2198 as it falls. Shares of the explained differences in rank; interactions are not seen.');
  chart.label(`Importance: ${rows.map((r) => `${r.name} ${percent(r.share)}, ${sense(r.sign)}`).join('; ')}`);
  card.controls(filesMenu(() => study.name, 'importance', {
    svg: () => chart.svg(),
    csv: () => ({text: csv(['parameter', 'share', 'sign'], rows.map((r) => [r.name, r.share, r.sign])), note: 'Exact values'}),
  }));
  app.on('theme', () => chart.update());
  return card;
}
