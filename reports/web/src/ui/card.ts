// A section of the page: a title that states the finding, a line that explains, controls, the plot, and its files.
import {h, replace} from './dom';

export interface Files {
  svg?: () => {text: string; width: number; height: number};
  csv: () => {text: string; note: string};
}

export class Card {
  readonly element: HTMLElement;
  readonly body = h('div', {class: 'body'});
  private readonly title = h('h2');
  private readonly lead = h('p', {class: 'lead'});
  private readonly tools = h('div', {class: 'tools'});

  constructor(readonly id: string, readonly kicker: string, size: string) {
    const heading = `${id}-title`;
    this.title.id = heading;
    this.element = h('section', {class: `card ${size}`, id, 'aria-labelledby': `${id}-kicker ${heading}`},
                     h('header', {}, h('div', {class: 'heading'}, h('p', {class: 'kicker', id: `${id}-kicker`}, kicker), this.title, this.lead), this.tools),
                     this.body);
  }

  say(title: string, lead = ''): void {
    this.title.textContent = title;
    this.lead.textContent = lead;
    this.lead.hidden = lead === '';
  }

  controls(...elements: (Node | false | null)[]): void {
    replace(this.tools, ...elements);
  }

  /** Instead of a plot: what would fill it. */
  empty(title: string, text: string): void {
    this.say(title);
    this.controls();
    replace(this.body, h('p', {class: 'empty'}, text));
  }
}

/** A few exclusive choices, as buttons. */
export function segmented<T extends string>(label: string, options: [T, string][], chosen: () => T, choose: (value: T) => void): HTMLElement {
  const buttons = options.map(([value, text]) => h('button', {
    type: 'button',
    click: () => {
      choose(value);
      update();
    },
  }, text));
  const update = () => options.forEach(([value], i) => buttons[i].setAttribute('aria-pressed', String(value === chosen())));
  update();
  return h('div', {class: 'segmented', role: 'group', 'aria-label': label}, ...buttons);
}

export function toggle(text: string, on: () => boolean, set: (value: boolean) => void): HTMLElement {
  const button = h('button', {
    type: 'button', class: 'toggle',
    click: () => {
      set(!on());
      update();
    },
  }, text);
  const update = () => button.setAttribute('aria-pressed', String(on()));
  update();
  return button;
}

export function selectBox(label: string, options: [string, string][], chosen: string, choose: (value: string) => void): HTMLElement {
  const box = h('select', {'aria-label': label, change: () => choose(box.value)},
                ...options.map(([value, text]) => h('option', {value, selected: value === chosen}, text)));
  return box;
}
