// Sizes and speeds of reports with 200, 2,000 and 10,000 trials of 50 epochs, beside the goals of the design.
//   build/release/tests/browser/make_report_fixture --sizes /tmp/sizes && node tests/browser/sizes.mjs /tmp/sizes    (after ctest -R browser: run it in build/release/tests/browser)
// Interactive: from navigation to the page's own mark. Brush: from a movement of the pointer to the end of the frame that shows it (axes, lines, table, quick plots; slow
// plots follow when the pointer rests); CPU: processor time of the page's thread per movement, which a busy machine does not change.
import {statSync} from 'node:fs';
import {join} from 'node:path';
import {launch, open, scrollThrough} from './chromium.mjs';

const folder = process.argv[2];
const GOALS = {200: [500e3, 1000, 100], 2000: [3e6, 1000, 100], 10000: [3e6, 2000, 300]};
const middle = (all) => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)];
const browser = await launch();
const rows = [];
for (const [trials, [bytes, ready, brushed]] of Object.entries(GOALS)) {
  const file = join(folder, `${trials}.html`);
  const times = [];
  const moves = [];
  const busyMs = [];
  for (let i = 0; i < 5; ++i) {
    const page = await open(browser, file, {width: 1440});
    times.push(await page.evaluate(() => performance.getEntriesByName('vernier-ready')[0].startTime));
    await scrollThrough(page);
    await page.locator('#parallel').scrollIntoViewIfNeeded();
    const box = await page.locator('#parallel [data-axis="model.width"] .brushable').boundingBox();
    const x = box.x + box.width / 2;
    await page.mouse.move(x, box.y + 0.1 * box.height);
    await page.mouse.down();
    await page.evaluate(() => {
      window.moves = [];
      document.querySelector('#parallel svg').addEventListener('pointermove', () => {
        const begin = performance.now();
        requestAnimationFrame(() => {
          const channel = new MessageChannel();  // after the frame's own work
          channel.port1.onmessage = () => window.moves.push(performance.now() - begin);
          channel.port2.postMessage(0);
        });
      }, {capture: true});
    });
    const client = await page.context().newCDPSession(page);
    await client.send('Performance.enable', {timeDomain: 'threadTicks'});
    const busy = async () => (await client.send('Performance.getMetrics')).metrics.find((m) => m.name === 'TaskDuration').value;
    const before = await busy();
    for (let k = 1; k <= 12; ++k) {
      await page.mouse.move(x, box.y + (0.1 + 0.05 * k) * box.height);
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    }
    busyMs.push(1000 * (await busy() - before) / 12);
    await page.mouse.up();
    moves.push(...await page.evaluate(() => window.moves));
    await page.context().close();
  }
  const size = statSync(file).size;
  rows.push({trials: Number(trials), 'bytes': size, 'goal bytes': bytes, 'interactive ms': Math.round(middle(times)), 'goal ms': ready, 'brush ms (median)': Math.round(middle(moves)),
             'brush ms (worst)': Math.round(Math.max(...moves)), 'brush CPU ms': Math.round(middle(busyMs)), 'goal brush ms': brushed,
             ok: size <= bytes && middle(times) <= ready && Math.min(middle(moves), middle(busyMs)) <= brushed});
}
await browser.close();
console.table(rows);
