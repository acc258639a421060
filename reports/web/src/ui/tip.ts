// One tooltip for every plot: text beside the pointer, inside the window. What it says, a screen reader has from the plot's label and table.
import {h} from './dom';

let tip: HTMLElement | undefined;

export function showTip(text: string, element: HTMLElement, x: number, y: number): void {
  tip ??= h('div', {class: 'hover-tip', 'aria-hidden': 'true'});
  if (!tip.isConnected) document.body.append(tip);
  tip.textContent = text;
  tip.hidden = false;
  const box = element.getBoundingClientRect();
  const {offsetWidth: width, offsetHeight: height} = tip;
  const left = Math.min(box.left + x + 14, innerWidth - width - 8);
  const top = box.top + y + 18 + height > innerHeight ? box.top + y - height - 10 : box.top + y + 18;
  tip.style.left = `${Math.max(8, left)}px`;
  tip.style.top = `${Math.max(8, top)}px`;
}

export function hideTip(): void {
  if (tip) tip.hidden = true;
}
