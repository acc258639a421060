// The live page: asks the server what changed, fetches the payload again when something did, sends edits with the token.
import type {ArtifactJson, PayloadJson} from './data/payload';
import {openBytes, type Study} from './data/study';
import {h} from './ui/dom';

const VISIBLE_MS = 2000;
const HIDDEN_MS = 15_000;
const LIMIT_MS = 10_000;

interface Changes {
  seq: number;
  edit: boolean;
}

async function get(path: string): Promise<Response> {
  const response = await fetch(path, {signal: AbortSignal.timeout(LIMIT_MS), cache: 'no-store'});
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return response;
}

/** The token comes in the link that `vernier serve --edit` prints; it leaves the address at once and is never sent but with an edit. */
function takeToken(): string {
  const params = new URLSearchParams(location.hash.replace(/^#/, ''));
  const token = params.get('token') ?? '';
  if (token !== '') {
    params.delete('token');
    const rest = params.toString();
    history.replaceState(null, '', rest === '' ? location.pathname : `#${rest}`);
    sessionStorage.setItem('vernier-token', token);
  }
  return token || (sessionStorage.getItem('vernier-token') ?? '');
}

export class Live {
  readonly badge = h('button', {type: 'button', class: 'quiet live', click: () => this.toggle()});
  readonly announced = h('span', {class: 'hidden', role: 'status'});
  private readonly token = takeToken();
  private seq = 0;
  private edit = false;
  private paused = false;
  private timer = 0;
  private changed: (json: PayloadJson, studies: Study[]) => void = () => undefined;

  async first(): Promise<{json: PayloadJson; studies: Study[]}> {
    await this.ask();
    return this.fetchData();
  }

  start(changed: (json: PayloadJson, studies: Study[]) => void): void {
    this.changed = changed;
    document.addEventListener('visibilitychange', () => this.plan(document.hidden ? HIDDEN_MS : 0));
    this.say('Live');
    this.plan(VISIBLE_MS);
  }

  async artifacts(study: string, number: number): Promise<ArtifactJson[]> {
    return await (await get(`api/artifacts?${new URLSearchParams({study, number: String(number)})}`)).json() as ArtifactJson[];
  }

  /** Note, tags and stop of one trial, where the server was started with --edit and this page has the token. */
  editor(study: string, number: number, row: number, of: Study): HTMLElement | null {
    if (!this.edit || this.token === '') return null;
    const said = h('span', {class: 'said', role: 'status'});
    const send = async (request: object) => {
      said.textContent = 'Sending';
      try {
        const response = await fetch('api/edit', {method: 'POST', headers: {'Content-Type': 'application/json', 'X-Vernier-Token': this.token},
                                                  body: JSON.stringify({study, number, ...request}), signal: AbortSignal.timeout(LIMIT_MS)});
        const answer = await response.json() as {error?: string};
        said.textContent = answer.error ?? 'Saved';
        this.plan(0);
      } catch (error) {
        said.textContent = `Not sent: ${String(error)}`;
      }
    };
    const column = (name: string) => String(of.columns.get(name)!.at(row) ?? '');
    const note = h('input', {type: 'text', id: 'edit-note', value: column('note'), maxlength: 10_000, 'aria-label': `Note on trial ${number}`, placeholder: 'Note'});
    const tags = h('input', {type: 'text', id: 'edit-tags', 'aria-label': `Tags to add and remove on trial ${number}`, placeholder: '+final -draft'});
    const words = () => tags.value.split(/\s+/).filter((w) => w !== '');
    const open = ['running', 'paused', 'waiting'].includes(column('state'));
    return h('form', {class: 'editor', 'aria-label': `Edit trial ${number}`, submit: (event) => event.preventDefault()},
             note, h('button', {type: 'button', class: 'quiet', click: () => void send({do: 'note', text: note.value})}, 'Save note'),
             tags, h('button', {type: 'button', class: 'quiet', click: () => {
               const all = words();
               void send({do: 'tag', add: all.filter((w) => !w.startsWith('-')).map((w) => w.replace(/^\+/, '')), remove: all.filter((w) => w.startsWith('-')).map((w) => w.slice(1))});
               tags.value = '';
             }}, 'Change tags'),
             open && h('button', {type: 'button', class: 'quiet danger', click: () => void send({do: 'stop'})}, 'Stop this trial'), said);
  }

  private toggle(): void {
    this.paused = !this.paused;
    if (this.paused) this.say('Paused');
    else this.plan(0);
  }

  private say(text: string, title = 'Pause or continue following the study'): void {
    this.badge.textContent = text;
    this.badge.title = title;
    this.badge.setAttribute('aria-pressed', String(!this.paused));
    this.badge.dataset.state = text.split(' ')[0].toLowerCase();
  }

  private plan(milliseconds: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.tick(), milliseconds) as unknown as number;
  }

  private async tick(): Promise<void> {
    if (!this.paused) {
      try {
        const before = this.seq;
        await this.ask();
        if (this.seq !== before) {
          const {json, studies} = await this.fetchData();
          this.changed(json, studies);
          this.announced.textContent = 'The page shows new results';
        }
        this.say('Live');
      } catch (error) {
        this.say('No connection', String(error));
      }
    }
    this.plan(document.hidden ? HIDDEN_MS : VISIBLE_MS);
  }

  private async ask(): Promise<void> {
    const changes = await (await get(`api/changes?since=${this.seq}`)).json() as Changes;
    this.seq = changes.seq;
    this.edit = changes.edit;
  }

  private async fetchData(): Promise<{json: PayloadJson; studies: Study[]}> {
    const response = await get('api/data');
    this.seq = Number(response.headers.get('X-Vernier-Seq') ?? this.seq);
    return openBytes(new Uint8Array(await response.arrayBuffer()));
  }
}
