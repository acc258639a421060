// Claims: on the page of their studies, and on the index that leads there. `node claims.test.mjs FOLDER`, with the pages of make_report_fixture in it.
import assert from 'node:assert/strict';
import {readFileSync, statSync} from 'node:fs';
import {basename, join} from 'node:path';
import {parse} from 'parse5';
import {open, scrollThrough} from './chromium.mjs';
import {finish, quiet, readCsv, settled, test} from './harness.mjs';
import {keepsPromises, showAll} from './promises.mjs';

const folder = process.argv[2];
const file = (name) => join(folder, `${name}.html`);

for (const name of ['index', 'index60', 'hostile_index', 'claims']) {
  for (const [colorScheme, ...widths] of [['light', 1440, 360], ['dark', 360, 768]]) {
    test(`${name}.html opens from disk in ${colorScheme} colours at ${widths[0]} px and becomes ${widths[1]} px wide: no console output, no request, no sideways scroll, no violation of axe-core`,
         (browser) => keepsPromises(browser, file(name), {colorScheme, widths}));
  }
}

const VERDICTS = ['supported', 'contradicted', 'undecided'];

test('the index counts the verdicts, shows those that are asked for, and the link remembers', async (browser) => {
  const page = await open(browser, file('index'));
  const shown = (p) => p.locator('[data-verdict]:visible').evaluateAll((all) => all.map((e) => e.dataset.verdict));
  const all = await shown(page);
  assert.equal(all.length, 14);
  for (const verdict of VERDICTS) {
    const button = page.locator('.tally', {hasText: verdict});
    const n = all.filter((v) => v === verdict).length;
    assert.ok(n > 0, verdict);
    assert.equal(await button.locator('strong').textContent(), String(n));
    await button.focus();
    await page.keyboard.press('Enter');
    assert.deepEqual(await shown(page), Array(n).fill(verdict));
    assert.equal(await button.getAttribute('aria-pressed'), 'true');
    assert.match(await page.locator('[role=status]').textContent(), new RegExp(`^${n} claim`));
  }
  const again = await open(browser, file('index'), {hash: new URL(page.url()).hash});
  assert.deepEqual(await shown(again), await shown(page));
  await page.locator('.tally', {hasText: 'claims'}).click();
  assert.equal((await shown(page)).length, 14);
  assert.equal(new URL(page.url()).hash, '');
  quiet(page);
});

test('each claim of the index has its sentence, verdict in words and shape, interval, few seeds, and plot', async (browser) => {
  const page = await open(browser, file('index'));
  await showAll(page);
  const cards = await page.locator('[data-verdict]').evaluateAll((all) => all.map((e) => ({
    verdict: e.dataset.verdict, word: e.querySelector('.verdict strong').textContent, sign: e.querySelectorAll('.sign').length, title: e.querySelector('h3').textContent,
    figures: e.querySelector('.figures').textContent, few: e.querySelector('.few')?.textContent ?? '', plots: e.querySelectorAll('.drawing svg, .drawing canvas').length,
    text: e.textContent})));
  for (const card of cards) {
    assert.equal(card.word.toLowerCase(), card.verdict);
    assert.equal(card.sign, 1);
    assert.ok(card.title.length > 10);
    if (/no pairs/.test(card.figures)) continue;
    assert.match(card.figures, /^[+\u2212]?[0-9.]+( \u00b1 [0-9.]+)? .*\d pairs$/);
    assert.ok(card.plots > 0, card.title);
    assert.equal(card.few, / 3 pairs$/.test(card.figures) ? 'few seeds (3)' : '', card.title);
  }
  assert.match(cards[8].text, /no pairs.*gpu/);
  assert.equal(cards[8].plots, 0);
});

test('a claim of the index leads to itself on its page, by keys alone', async (browser) => {
  const page = await open(browser, file('index'));
  const links = await page.locator('[data-verdict] h3 a').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
  assert.equal(links.length, 14);
  assert.equal(links[1], './claims.html#claim=2+optimizers');
  page.problems.length = 0;
  await page.locator('[data-verdict] h3 a').nth(1).focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/claims\.html/);
  await page.waitForFunction(() => document.documentElement.dataset.ready === 'true');
  assert.equal(await page.evaluate(() => document.activeElement.dataset.claim), '2 optimizers');
  const top = await page.locator('[data-claim="2 optimizers"]').evaluate((e) => e.getBoundingClientRect().top);
  assert.ok(top > -2 && top < 400, `${top}`);
});

test('with keys alone every count and every claim of the index is reached in turn, and focus is seen', async (browser) => {
  const page = await open(browser, file('index'));
  const reached = [];
  for (let i = 0; i < 60; ++i) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const e = document.activeElement;
      return e === document.body ? null : {text: e.textContent, shown: getComputedStyle(e).outlineStyle !== 'none'};
    });
    if (!at) break;
    assert.ok(at.shown, at.text);
    reached.push(at.text);
  }
  // Colours, counts, pages, their headings, claims.
  assert.equal(reached.length, 1 + 4 + 3 + 3 + 14);
});

test('claims of one page stand together; a table of contents says their verdicts and leads there', async (browser) => {
  const page = await open(browser, file('index'));
  assert.deepEqual(await page.locator('.group h2').allTextContents(), ['claims', 'A linear model cannot do <xor>', 'pictures']);
  assert.equal(await page.locator('.group h2 a').nth(1).getAttribute('href'), './xor.html');
  const chips = page.locator('nav button');
  assert.deepEqual(await chips.evaluateAll((all) => all.map((b) => [b.getAttribute('aria-label'), b.querySelectorAll('.sign').length])),
                   [['claims: 5 supported, 2 contradicted, 2 undecided', 9], ['xor: 1 supported', 1], ['pictures: 4 supported', 4]]);
  await chips.nth(1).focus();
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'A linear model cannot do <xor>');
  await page.locator('.tally', {hasText: 'undecided'}).click();
  assert.deepEqual(await page.locator('.group:visible h2').allTextContents(), ['claims']);
  const one = await open(browser, file('index60'));
  assert.equal(await one.locator('nav').count(), 0);
  quiet(page);
});

test('the claims of a page: first after the answer, each with figures, reason, own plot and strip', async (browser) => {
  const page = await open(browser, file('claims'));
  await showAll(page);
  const ids = await page.locator('main > section').evaluateAll((all) => all.map((s) => s.id));
  assert.equal(ids[ids.indexOf('answer') + 1], 'claims');
  assert.match(await page.locator('#claims h2').textContent(), /^Of 14 claims \d+ (is|are) supported, \d+ (is|are) contradicted and \d+ (is|are) undecided$/);
  const entries = await page.locator('[data-claim]').evaluateAll((all) => all.map((e) => ({key: e.dataset.claim, text: e.textContent, plots: e.querySelectorAll('.drawing').length,
    drawn: [...e.querySelectorAll('.drawing')].filter((d) => d.querySelector('svg, canvas, table')).length, labels: [...e.querySelectorAll('.drawing[role=img]')].map((d) => d.getAttribute('aria-label'))})));
  assert.equal(entries.length, 14);
  for (const entry of entries) {
    assert.match(entry.text, /\(95 %|gpu/, entry.key);
    assert.equal(entry.drawn, entry.plots, entry.key);
    for (const label of entry.labels) assert.ok(label.length > 20, label);
  }
  assert.deepEqual(entries.map((e) => e.plots), [2, 2, 1, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 0]);
  assert.equal(await page.locator('[data-claim="1 xor"] canvas.map').count(), 2);
  assert.equal(await page.locator('[data-claim="4 pictures"] table.confusion').count(), 1);
  assert.match(await page.locator('[data-claim="4 pictures"]').textContent(), /Its best trial recorded none/);
  quiet(page);
});

test('the plots of a claim follow the colours, and a point says what it is', async (browser) => {
  const page = await open(browser, file('claims'));
  const drawing = page.locator('[data-claim="2 optimizers"] .drawing').first();
  await drawing.scrollIntoViewIfNeeded();
  await settled(page);
  const before = await drawing.innerHTML();
  const box = await drawing.locator('circle').first().boundingBox();
  await page.mouse.move(box.x + 1, box.y + 1);
  await page.mouse.move(box.x + 2, box.y + 2);
  await page.locator('.hover-tip').waitFor({state: 'visible'});
  assert.match(await page.locator('.hover-tip').textContent(), /train\.lr 0\.\d+: 0\.\d+ \u00b1 .*\(5\)/);
  await page.locator('.theme').click();
  await drawing.scrollIntoViewIfNeeded();
  await settled(page);
  assert.notEqual(await drawing.innerHTML(), before);
  quiet(page);
});

/** What a menu of a claim's plots saves, on a page of its own. */
async function save(browser, key, menu, kind) {
  const page = await open(browser, file('claims'));
  const claim = page.locator(`[data-claim="${key}"]`);
  await claim.scrollIntoViewIfNeeded();
  await settled(page);
  const files = claim.getByLabel(`Save claim-${key[0]}-${menu} as a file`);
  await files.press('Enter');
  const [download] = await Promise.all([page.waitForEvent('download'), claim.locator('.files[open] .menu button', {hasText: kind}).press('Enter')]);
  assert.equal(download.suggestedFilename(), `${key.slice(2)}-claim-${key[0]}-${menu}.${kind.toLowerCase()}`);
  const content = readFileSync(await download.path(), 'latin1');
  const said = await claim.locator('.facts dd').first().textContent();
  quiet(page);
  await page.context().close();
  return {content, said};
}

test('the plots of a claim are saved as PNG, SVG and CSV; the CSV is what the verdict rests on', async (browser) => {
  for (const [key, menu] of [['1 optimizers', 'plot'], ['1 optimizers', 'strip'], ['1 batch-lr', 'plot']]) {
    assert.ok((await save(browser, key, menu, 'PNG')).content.startsWith('\x89PNG'), key);
    assert.ok((await save(browser, key, menu, 'SVG')).content.startsWith('<svg'), key);
  }
  assert.equal(readCsv((await save(browser, '1 batch-lr', 'plot', 'CSV')).content).length, 6 * 7);
  const {content, said} = await save(browser, '1 optimizers', 'strip', 'CSV');
  const rows = readCsv(content);
  assert.deepEqual(rows.map((row) => row.pair), [1, 2, 3, 4, 5].map((n) => `train.seed ${n}`));
  const mean = rows.reduce((sum, row) => sum + Number(row.difference), 0) / 5;
  assert.ok(Math.abs(mean - Number(said.replace('\u2212', '-').split(' ')[0])) < 1e-3, `${mean} ${said}`);
});

test('a page without claims has no card for them; that of a trial neither', async (browser) => {
  for (const name of ['study', 'trial']) {
    const page = await open(browser, file(name));
    assert.equal(await page.locator('#claims').count(), 0);
  }
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

test('hostile texts in claims stay text, and their page a file beside the index', async (browser) => {
  assert.deepEqual(pairs(parse(readFileSync(file('hostile_index'), 'utf8'))), pairs(parse(readFileSync(file('index'), 'utf8'))));
  const collect = () => {
    const found = new Set();
    for (const e of document.querySelectorAll('*')) {
      found.add(e.localName);
      for (const a of e.attributes) found.add(`${e.localName} ${a.name}`);
    }
    return [...found];
  };
  for (const [name, harmless] of [['hostile_index', ['index', 'index60']], ['all_hostile', ['claims', 'study', 'hostile']]]) {
    const ours = new Set();
    for (const other of harmless) {
      const page = await open(browser, file(other));
      await showAll(page);
      if (harmless[0] === 'claims') await scrollThrough(page);
      for (const pair of await page.evaluate(collect)) ours.add(pair);
      await page.context().close();
    }
    const page = await open(browser, file(name), {start: (p) => p.addInitScript(() => {
      window.hits = 0;
      window.hit = () => ++window.hits;
    })});
    await showAll(page);
    assert.equal(await page.locator('[data-verdict], [data-claim]').count(), 6);
    assert.deepEqual((await page.evaluate(collect)).filter((pair) => !ours.has(pair)), [], name);
    assert.equal(await page.evaluate(() => window.hits), 0);
    if (name === 'hostile_index') {
      const href = await page.locator('h3 a').first().evaluate((a) => a.href);
      const url = new URL(href);
      assert.equal(url.protocol, 'file:');
      assert.equal(decodeURIComponent(url.pathname), join(folder, `javascript/<a href='x'>"%3C.html`));
      assert.equal(basename(url.pathname).includes('<'), false);
    }
    quiet(page);
    await page.context().close();
  }
});

test('sizes: 14 claims with pictures <= 100 KB, 60 claims <= 100 KB', async () => {
  for (const [name, limit] of [['index', 100e3], ['index60', 100e3]]) {
    const {size} = statSync(file(name));
    console.log(`        ${name}.html: ${size} bytes`);
    assert.ok(size <= limit, `${size}`);
  }
});

test('only what is near the screen is drawn: 60 claims do not wait for each other', async (browser) => {
  const page = await open(browser, file('index60'));
  const drawn = await page.locator('.drawing svg').count();
  assert.ok(drawn > 0 && drawn < 60, `${drawn}`);
  await showAll(page);
  assert.ok(await page.locator('.drawing svg').count() > 100);
  quiet(page);
});

await finish();
