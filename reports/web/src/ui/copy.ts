// A command with a button that copies it.
import {h} from './dom';

export function copyable(does: string, text: string): HTMLElement {
  const said = h('span', {class: 'said', role: 'status'});
  const code = h('code', {tabindex: 0}, text);
  const copy = h('button', {
    type: 'button', class: 'quiet', 'aria-label': `Copy: ${text}`,
    click: () => {
      const done = () => {
        said.textContent = 'Copied';
        setTimeout(() => (said.textContent = ''), 1500);
      };
      const select = () => getSelection()?.selectAllChildren(code);
      if (navigator.clipboard) void navigator.clipboard.writeText(text).then(done, select);
      else select();
    },
  }, 'Copy');
  return h('div', {class: 'command'}, h('div', {class: 'line'}, code, copy), h('p', {class: 'soft'}, does, ' ', said));
}
