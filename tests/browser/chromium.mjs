// Opens pages from disk in Debian's Chromium and notes everything that must not happen: console output, errors, requests.
import {existsSync} from 'node:fs';
import {pathToFileURL} from 'node:url';
import {chromium} from 'playwright-core';

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
               '--disable-component-update', '--disable-sync'];

export async function launch() {
  const found = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => path && existsSync(path));
  if (!found) throw new Error('chromium was not found; on Debian: apt-get install chromium (or name one in CHROMIUM)');
  return chromium.launch({executablePath: found, headless: true, args: FLAGS});
}

/** A page with `problems`, a list that must stay empty. Each has its own, fresh profile. */
export async function open(browser, file, {hash = '', width = 1280, height = 900, colorScheme = 'light', start = () => {}} = {}) {
  const context = await browser.newContext({viewport: {width, height}, colorScheme, acceptDownloads: true});
  const page = await context.newPage();
  const url = pathToFileURL(file).href;
  page.problems = [];
  page.on('console', (message) => page.problems.push(`console ${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => page.problems.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    page.problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const to = request.url();
    if (to.split('#')[0] !== url && !to.startsWith('blob:') && !to.startsWith('data:')) page.problems.push(`request: ${to}`);
  });
  await start(page);
  await page.goto(url + hash);
  await page.waitForFunction(() => document.documentElement.dataset.ready === 'true');
  return page;
}

/** Brings every section into view, so that each plot is drawn; in the page, without a round trip for each. */
export async function scrollThrough(page) {
  await page.evaluate(async () => {
    for (const card of document.querySelectorAll('main > section')) {
      card.scrollIntoView({block: 'center', behavior: 'instant'});
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    }
  });
}
