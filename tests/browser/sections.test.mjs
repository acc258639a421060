// Every section of the page, accessibility, and hostile texts. `node sections.test.mjs FOLDER`, with the pages of make_report_fixture in it.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {parse} from 'parse5';
import {open, scrollThrough} from './chromium.mjs';
import {countOf, finish, picture, quiet, settled, test} from './harness.mjs';
import {axeOptions, axeViolations} from './promises.mjs';

const folder = process.argv[2];
const file = (name) => join(folder, `${name}.html`);

const CARDS = ['answer', 'history', 'importance', 'parallel', 'slices', 'curves', 'heat-map', 'pareto', 'distribution', 'timeline', 'trial', 'trials'];

test('every section is there, in order, with a title that says something', async (browser) => {
  for (const name of ['study', 'tiny', 'empty', 'objectives']) {
    const page = await open(browser, file(name));
    await scrollThrough(page);
    const cards = name === 'objectives' ? ['answer', 'claims', ...CARDS.slice(1)] : CARDS;
    assert.deepEqual(await page.locator('main > section').evaluateAll((all) => all.map((s) => s.id)), cards, name);
    for (const title of await page.locator('main > section h2').allTextContents()) assert.ok(title.trim().length > 5, title);
    quiet(page);
    await page.context().close();
  }
});

test('axe-core finds no violation where trials are pinned, light and dark', async (browser) => {
  for (const colorScheme of ['light', 'dark']) {
    const page = await open(browser, file('study'), {colorScheme});
    for (const n of [0, 2]) await page.locator('#trials tbody .pin button[aria-pressed]').nth(n).click();
    await scrollThrough(page);
    assert.deepEqual(await axeViolations(page, axeOptions(colorScheme)), []);
    await page.context().close();
  }
});

test('two parameters as cells, contour and ranks; the link remembers', async (browser) => {
  const page = await open(browser, file('study'));
  const choose = async (name) => {
    await page.locator('#heat-map .segmented button', {hasText: name}).click();
    return picture(page, 'heat-map');
  };
  await page.getByLabel('Vertical parameter').selectOption('train.lr');
  const pictures = [await choose('Cells'), await choose('Contour'), await choose('Ranks')];
  assert.equal(new Set(pictures).size, 3);
  assert.match(page.url(), /heat=rank/);
  const again = await open(browser, file('study'), {hash: new URL(page.url()).hash});
  const state = async (p) => [await p.locator('#heat-map [aria-pressed="true"]').textContent(), await p.getByLabel('Vertical parameter').inputValue(),
                              await p.locator('#heat-map h2').textContent()];
  assert.deepEqual(await state(again), ['Ranks', 'train.lr', (await state(page))[2]]);
  quiet(page);
  quiet(again);
});

test('the value against each cost, and two objectives with their front', async (browser) => {
  const page = await open(browser, file('study'));
  const first = await picture(page, 'pareto');
  await page.getByLabel('Axes').selectOption('seconds');
  assert.notEqual(await picture(page, 'pareto'), first);
  assert.match(page.url(), /pareto=seconds/);
  const two = await open(browser, file('objectives'));
  assert.match(await two.locator('#pareto h2').textContent(), /trials are on the front of val_acc and latency_ms/);
  quiet(two);
});

test('studies by sampler and seed: who won, by how much, how sure, what next', async (browser) => {
  const page = await open(browser, file('seeds'));
  await scrollThrough(page);
  assert.equal(await page.locator('main > section').first().getAttribute('id'), 'comparison');
  const title = await page.locator('#comparison h2').textContent();
  const pair = await page.locator('#comparison table[aria-label="Paired differences"] tbody tr').textContent();
  assert.match(title, /gp/);
  assert.equal(/is better than/.test(title), /better/.test(pair) && !/not told apart/.test(pair));
  assert.equal(await page.locator('#comparison table[aria-label="Arms"] tbody tr').count(), 2);
  assert.match(await page.locator('#comparison .verdicts').textContent(), /over 6 seeds \(mean, 95 % interval\)/);
  const three = await open(browser, file('several'));
  assert.match(await three.locator('#comparison').textContent(), /seed/);
  assert.doesNotMatch(await three.locator('#comparison h2').textContent(), /is better than/);
  quiet(page);
});

test('the page of one trial: settings, metrics, matrix, pictures, maps over steps, log, what is damaged', async (browser) => {
  const page = await open(browser, file('trial'));
  await scrollThrough(page);
  assert.match(await page.locator('#trial h2').textContent(), /^Trial #17: /);
  assert.equal(await page.locator('.confusion tbody tr').count(), 10);
  assert.equal(await page.locator('.gallery:not(.tight) canvas').count(), 12);
  assert.equal(await page.locator('.gallery.tight canvas').count(), 24);
  assert.match(await page.locator('.log').textContent(), /warning: <b>slow<\/b>/);
  assert.match(await page.locator('#trial').textContent(), /confusion \u201cbroken\u201d at step 50: .*row/);
  const map = () => page.locator('canvas.map').evaluate((canvas) => canvas.toDataURL());
  const last = await map();
  const slider = page.getByLabel('Step of Decision map plane');
  await slider.focus();
  await page.keyboard.press('Home');
  assert.notEqual(await map(), last);
  assert.match(page.url(), /at=1\+decision_map\+plane/);
  const again = await open(browser, file('trial'), {hash: new URL(page.url()).hash});
  assert.equal(await again.locator('canvas.map').evaluate((canvas) => canvas.toDataURL()), await map());
  quiet(page);
});

test('any trial of a study has its page: from the table, and by its number', async (browser) => {
  const page = await open(browser, file('study'));
  await page.locator('#trials tbody .open').nth(3).click();
  const name = await page.locator('#trials tbody .pin button[aria-pressed]').nth(3).textContent();
  assert.ok((await page.locator('#trial h2').textContent()).startsWith(`Trial ${name}: rank 4`));
  await page.locator('#trial .number-box').fill('1');
  await page.keyboard.press('Tab');
  assert.match(await page.locator('#trial h2').textContent(), /^Trial #1: /);
  assert.match(page.url(), /trial=1/);
  quiet(page);
});

test('with keys alone: everything is reached in turn, nothing traps, a menu opens and closes, a trial is pinned and sorted', async (browser) => {
  const page = await open(browser, file('study'));
  await scrollThrough(page);
  const reached = new Set();
  for (let i = 0; i < 220; ++i) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const e = document.activeElement;
      const card = e?.closest('main > section')?.id ?? e?.closest('header, footer')?.className ?? '';
      const style = e ? getComputedStyle(e) : null;
      return {card, shown: style !== null && (style.outlineStyle !== 'none' || e.closest('[data-axis]') !== null)};
    });
    if (at.card === '' && reached.has('trials')) break;
    assert.ok(at.shown || at.card === '', `focus is not seen in ${at.card}`);
    reached.add(at.card);
  }
  for (const card of CARDS) assert.ok(reached.has(card), `${card} is not reached: ${[...reached]}`);
  const menu = page.locator('#history .files');
  await menu.locator('summary').focus();
  await page.keyboard.press('Enter');
  assert.equal(await menu.getAttribute('open'), '');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Escape');
  assert.equal(await menu.getAttribute('open'), null);
  await page.locator('#trials th[data-column="value"] button').focus();
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('#trials th[data-column="value"]').getAttribute('aria-sort'), 'ascending');
  // Rows above the frame's window are made anew when it scrolls: begin with one that is in it.
  await page.locator('.frame').evaluate((frame) => { frame.scrollTop = 0; });
  await settled(page);
  await page.locator('#trials tbody .pin button[aria-pressed]').first().focus();
  await page.keyboard.press('Space');
  assert.match(await page.locator('.compare h3').textContent(), /pin another/);
  quiet(page);
});

test('a tooltip says what a point is, as text', async (browser) => {
  const page = await open(browser, file('study'));
  await picture(page, 'importance');
  const box = await page.locator('#importance canvas').first().boundingBox();
  await page.mouse.move(box.x + box.width * 0.4, box.y + 26);
  await page.mouse.move(box.x + box.width * 0.4 + 2, box.y + 27);
  await page.locator('.hover-tip').waitFor({state: 'visible'});
  assert.match(await page.locator('.hover-tip').textContent(), /of what is explained/);
  quiet(page);
});

/** Every pair of element and attribute in a tree of parse5. */
function pairs(node, into = new Set()) {
  if (node.tagName) {
    into.add(node.tagName);
    for (const {name} of node.attrs) into.add(`${node.tagName} ${name}`);
  }
  for (const child of node.childNodes ?? []) pairs(child, into);
  return into;
}

test('500 hostile strings in every field: the file parses to the same elements and attributes as a harmless one', async () => {
  const ours = pairs(parse(readFileSync(file('study'), 'utf8')));
  for (const name of ['all_hostile', 'hostile_trial', 'hostile']) assert.deepEqual(pairs(parse(readFileSync(file(name), 'utf8'))), ours, name);
});

test('500 hostile strings in the browser: no element or attribute that is not ours, in the page and in each trial\u2019s', async (browser) => {
  const collect = () => {
    const found = new Set();
    for (const e of document.querySelectorAll('*')) {
      found.add(e.localName);
      for (const a of e.attributes) found.add(`${e.localName} ${a.name}`);
    }
    return [...found];
  };
  const ours = new Set();
  for (const name of ['study', 'trial', 'claims', 'seeds', 'hostile']) {
    const page = await open(browser, file(name));
    for (const n of [0, 2]) if (await page.locator('#trials .pin button[aria-pressed]').count() > 2) await page.locator('#trials tbody .pin button[aria-pressed]').nth(n).click();
    await scrollThrough(page);
    for (const pair of await page.evaluate(collect)) ours.add(pair);
    if (name !== 'trial') {
      await page.locator('#filter').fill('dpth > 1');
      await page.locator('#filter').press('Enter');
      for (const pair of await page.evaluate(collect)) ours.add(pair);
    }
    await page.context().close();
  }
  const unexpected = (all) => all.filter((pair) => !ours.has(pair));
  for (const name of ['all_hostile', 'hostile_trial', 'hostile']) {
    const page = await open(browser, file(name), {start: (p) => p.addInitScript(() => {
      window.hits = 0;
      window.hit = () => ++window.hits;
    })});
    await scrollThrough(page);
    assert.deepEqual(unexpected(await page.evaluate(collect)), [], name);
    if (name === 'all_hostile') {
      assert.equal(await countOf(page), 500);
      for (let at = 0; at < 500; at += 25) {
        await page.locator('.frame').evaluate((frame, top) => { frame.scrollTop = top; }, 32 * at);
        await page.locator('#trial .number-box').fill(String(at + 1));
        await page.keyboard.press('Tab');
        assert.deepEqual(unexpected(await page.evaluate(collect)), [], `at trial ${at + 1}`);
      }
    }
    assert.equal(await page.evaluate(() => window.hits), 0);
    assert.deepEqual(await page.evaluate(() => Object.keys(Object.prototype)), []);
    quiet(page);
    await page.context().close();
  }
});

await finish();
