// The index: every claim with its verdict, figures and small plot, linked to its page. It has no studies, no chart library, and opens at once.
import type {IndexJson} from './data/claim';
import {fromBase64, inflate} from './data/inflate';
import {indexPage} from './claims/index_page';

async function start(): Promise<void> {
  const bytes = await inflate(fromBase64(document.getElementById('data')!.textContent));
  const length = new DataView(bytes.buffer).getUint32(0, true);
  const json = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length))) as IndexJson;
  indexPage(json, document.getElementById('page')!);
  document.documentElement.dataset.ready = 'true';
  performance.mark('vernier-ready');
}

start().catch((error: unknown) => {
  document.getElementById('page')!.textContent = `The index could not be opened: ${String(error)}`;
  throw error;
});
