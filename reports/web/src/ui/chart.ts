// ECharts in a card: made when it comes into view, drawn again when its card is resized or its data change; SVG on demand.
import {CustomChart, HeatmapChart, LineChart, ScatterChart, BarChart} from 'echarts/charts';
import {GridSimpleComponent} from 'echarts/components';
import type {EChartsCoreOption, EChartsType} from 'echarts/core';
import {init, use} from 'echarts/core';
import {LabelLayout} from 'echarts/features';
import {CanvasRenderer, SVGRenderer} from 'echarts/renderers';
import {FONT} from './font';
import {Painter} from './painter';
import type {Palette} from './palette';
import {hideTip, showTip} from './tip';

use([BarChart, CustomChart, HeatmapChart, LineChart, ScatterChart, GridSimpleComponent, LabelLayout, CanvasRenderer, SVGRenderer]);

/** What every plot shares. Of `tooltip` only the formatter counts: tooltips are ours (ui/tip.ts), ECharts' own would be a sixth of it. */
export function base(palette: Palette): EChartsCoreOption {
  return {animation: false, textStyle: {fontFamily: FONT, color: palette.ink}, tooltip: {}};
}

interface TipOf {
  formatter?: (params: never) => string;
}

/** ECharts' part of the option, and what the tooltip says. */
function parts(option: EChartsCoreOption): {rest: EChartsCoreOption; formatter: TipOf['formatter']} {
  const {tooltip, ...rest} = option as EChartsCoreOption & {tooltip?: TipOf};
  return {rest, formatter: tooltip?.formatter};
}

/** Axis furniture in the page's colours. */
export function axisStyle(palette: Palette, name: string) {
  return {
    name,
    nameTextStyle: {color: palette.faint, fontSize: 12},
    axisLine: {show: true, lineStyle: {color: palette.line}},
    axisTick: {show: false},
    axisLabel: {color: palette.faint, fontSize: 11, hideOverlap: true},
    splitLine: {show: true, lineStyle: {color: palette.line}},
  };
}

export class Chart {
  private chart: EChartsType | undefined;
  private width = 0;
  private formatter: TipOf['formatter'];
  private readonly painter: Painter;

  /** `option` gives everything for a width in pixels; `height` too. `label` is what a screen reader says. */
  constructor(private readonly element: HTMLElement, private readonly height: (width: number) => number,
              private readonly option: (width: number) => EChartsCoreOption, private readonly click?: (data: unknown) => void) {
    element.classList.add('chart');
    element.setAttribute('role', 'img');
    element.style.height = `${height(element.clientWidth || 600)}px`;
    this.painter = new Painter(element, () => this.draw());
  }

  label(text: string): void {
    this.element.setAttribute('aria-label', text);
  }

  update(): void {
    this.painter.update();
  }

  /** The same, for options that change the height. */
  resize(): void {
    if (this.chart) {
      this.element.style.height = `${this.height(this.width)}px`;
      this.chart.resize();
    }
    this.update();
  }

  svg(): {text: string; width: number; height: number} {
    const width = this.width || 800;
    const height = this.height(width);
    const chart = init(null, null, {renderer: 'svg', ssr: true, width, height});
    chart.setOption(parts(this.option(width)).rest);
    const text = chart.renderToSVGString();
    chart.dispose();
    return {text, width, height};
  }

  private start(): void {
    this.width = this.element.clientWidth;
    this.element.style.height = `${this.height(this.width)}px`;
    this.chart = init(this.element, null, {renderer: 'canvas'});
    this.chart.on('mousemove', (event) => {
      const {offsetX, offsetY} = event.event as unknown as {offsetX: number; offsetY: number};
      const text = this.formatter && event.componentType === 'series' ? this.formatter(event as never) : '';
      if (text === '' || text === undefined) hideTip();
      else showTip(text, this.element, offsetX, offsetY);
    });
    this.chart.on('mouseout', hideTip);
    this.chart.on('globalout', hideTip);
    this.chart.on('click', (event) => this.click?.(event.data));
    new ResizeObserver(() => {
      const width = this.element.clientWidth;
      if (width === this.width || width === 0) return;
      this.width = width;
      this.element.style.height = `${this.height(width)}px`;
      this.chart!.resize();
      this.update();
    }).observe(this.element);
  }

  private draw(): void {
    if (!this.chart) this.start();
    const {rest, formatter} = parts(this.option(this.width));
    this.formatter = formatter;
    hideTip();
    this.chart!.setOption(rest, {notMerge: true});
  }
}
