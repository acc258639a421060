// What the browser tests share: promises that are counted, and what a reader does.
import assert from 'node:assert/strict';
import {launch} from './chromium.mjs';

const LIMIT = 120;  // seconds for a promise; the slowest takes 20 on a core that is shared
const waiting = [];

/** Its body is given a browser, and opens pages of its own in it. */
export function test(promise, body) {
  waiting.push({promise, body});
}

/** Ends with `work`, or after this many seconds with an error that says so. */
async function within(seconds, work) {
  let timer;
  try {
    return await Promise.race([work, new Promise((_, stop) => {
      timer = setTimeout(() => stop(new Stalled(`no end within ${seconds} s`)), 1000 * seconds);
    })]);
  } finally {
    clearTimeout(timer);
  }
}
class Stalled extends Error {}
/** Also where playwright gave up: what it waits for is asked at every frame. */
const stalled = (error) => error instanceof Stalled || error.name === 'TimeoutError';

/**
 * Runs them one after the other and ends the program. Side by side, a page in the background now and then waits for a frame for ever; a page alone hardly
 * ever does. What has no end is tried once more in a new browser, and says so.
 */
export async function finish(close = () => {}) {
  let browser = await launch();
  const renew = async () => {
    await within(10, browser.close()).catch(() => {});
    browser = await launch();
  };
  const attempt = async (body) => {
    if (!browser.isConnected()) await renew();
    try {
      await within(LIMIT, body(browser));
    } finally {
      await within(10, Promise.all(browser.contexts().map((context) => context.close()))).catch(renew);
    }
  };
  let failed = 0;
  for (const {promise, body} of waiting) {
    const begin = performance.now();
    const seconds = () => `${((performance.now() - begin) / 1000).toFixed(1)} s`;
    try {
      await attempt(body).catch(async (error) => {
        if (!stalled(error)) throw error;
        console.log(`again   ${promise} (${seconds()}): ${error.message.split('\n')[0]}`);
        await renew();
        await attempt(body);
      });
      console.log(`ok      ${promise} (${seconds()})`);
    } catch (error) {
      ++failed;
      console.log(`FAILED  ${promise} (${seconds()})\n${error.stack}`);
    }
  }
  await within(10, browser.close()).catch(() => {});
  await close();
  console.log(failed === 0 ? 'all passed' : `${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}

export const countOf = async (page) => Number((await page.locator('#trials .count').textContent()).split(' ')[0].replace(',', ''));
export const quiet = (page) => assert.deepEqual(page.problems, []);

export async function brush(page, axis, from, to) {
  const group = page.locator(`#parallel [data-axis="${axis}"] .brushable`);
  await page.locator('#parallel').scrollIntoViewIfNeeded();
  await group.waitFor();
  const box = await group.boundingBox();
  const x = box.x + box.width / 2;
  await page.mouse.move(x, box.y + from * box.height);
  await page.mouse.down();
  await page.mouse.move(x, box.y + (from + to) / 2 * box.height, {steps: 3});
  await page.mouse.move(x, box.y + to * box.height, {steps: 3});
  await page.mouse.up();
}

/** After what was asked for has been drawn. */
export async function settled(page) {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(done)))));
  await page.waitForFunction(() => (document.documentElement.dataset.waiting ?? '0') === '0');
}

/** The canvases of a card, after it has been drawn. */
export async function picture(page, card) {
  await page.locator(`#${card}`).scrollIntoViewIfNeeded();
  await settled(page);
  return page.locator(`#${card} canvas`).evaluateAll((layers) => layers.map((canvas) => canvas.toDataURL()).join(' '));
}

/** Rows of RFC 4180. */
export function readCsv(text) {
  const rows = [[]];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length; ++i) {
    const c = text[i];
    if (quoted) {
      if (c === '"' && text[i + 1] === '"') cell += text[++i];
      else if (c === '"') quoted = false;
      else cell += c;
    } else if (c === '"') quoted = true;
    else if (c === ',' || c === '\n') {
      rows[rows.length - 1].push(cell);
      cell = '';
      if (c === '\n') rows.push([]);
    } else if (c !== '\r') cell += c;
  }
  rows.pop();
  const [head, ...body] = rows;
  return body.map((row) => Object.fromEntries(row.map((value, i) => [head[i], value])));
}
