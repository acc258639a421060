// What every page promises, whatever is on it: no console output, no request, no sideways scrolling, nothing that axe-core objects to.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {open} from './chromium.mjs';
import {quiet, settled} from './harness.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Of all rules only that of contrast looks at colours. */
export const axeOptions = (colorScheme) => (colorScheme === 'dark' ? {runOnly: ['color-contrast']} : {});

/** One text for each rule that is broken. `options` are those of axe.run. */
export async function axeViolations(page, options = {}) {
  await page.evaluate(axe);
  return page.evaluate(async (o) => (await window.axe.run(document, {resultTypes: ['violations'], ...o})).violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(' | ')}`), options);
}

/** By how many pixels the page is wider than its window. */
export const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

/** Brings every section and claim into view, so that each plot is drawn. */
export async function showAll(page) {
  await page.evaluate(async () => {
    for (const e of document.querySelectorAll('main > section, [data-claim], [data-verdict]')) {
      e.scrollIntoView({block: 'center', behavior: 'instant'});
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    }
  });
  await settled(page);
}

/** Opens a file in these colours and gives it each of the widths in turn. */
export async function keepsPromises(browser, file, {colorScheme, widths}) {
  const page = await open(browser, file, {colorScheme, width: widths[0]});
  for (const width of widths) {
    await page.setViewportSize({width, height: 900});
    await showAll(page);
    assert.equal(await overflow(page), 0, `wider than ${width}`);
  }
  assert.deepEqual(await axeViolations(page, axeOptions(colorScheme)), []);
  quiet(page);
}
