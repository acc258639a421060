// The one script that the content security policy names by its hash: inflates the page's program and starts it.
import {fromBase64, inflate} from './data/inflate';

function say(text: string): void {
  document.getElementById('page')!.textContent = text;
}

async function start(): Promise<void> {
  if (typeof DecompressionStream === 'undefined') {
    say('This browser is too old for the report: it needs DecompressionStream (Chrome 80, Firefox 113, Safari 16.4).');
    return;
  }
  const program = await inflate(fromBase64(document.getElementById('app')!.textContent));
  const script = document.createElement('script');
  script.src = URL.createObjectURL(new Blob([program], {type: 'text/javascript'}));
  script.onload = () => URL.revokeObjectURL(script.src);
  document.head.append(script);
}

start().catch((error: unknown) => say(`The report could not be opened: ${String(error)}`));
