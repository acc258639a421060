// The report page in Chromium. `node page.test.mjs FOLDER`, with the pages of make_report_fixture in it.
import assert from 'node:assert/strict';
import {readFileSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {open, scrollThrough} from './chromium.mjs';
import {brush, countOf, finish, picture, quiet, readCsv, test} from './harness.mjs';
import {keepsPromises} from './promises.mjs';

const folder = process.argv[2];
const file = (name) => join(folder, `${name}.html`);
for (const name of ['study', 'several', 'seeds', 'objectives', 'trial', 'large', 'tiny', 'empty', 'hostile', 'all_hostile']) {
  for (const [colorScheme, width, other] of [['light', 1440, 360], ['dark', 360, 1440]]) {
    test(`${name}.html opens from disk in ${colorScheme} colours at ${width} px and becomes ${other} px wide: no console output, no request, no dialog, no sideways scroll, no violation of axe-core`,
         (browser) => keepsPromises(browser, file(name), {colorScheme, widths: [width, other]}));
  }
}

test('a brush changes the count of the table; Escape takes it away', async (browser) => {
  const page = await open(browser, file('study'));
  assert.equal(await countOf(page), 200);
  await brush(page, 'model.width', 0.1, 0.45);
  const some = await countOf(page);
  assert.ok(some > 0 && some < 200, `${some}`);
  assert.match(await page.locator('.selection').textContent(), new RegExp(`^${some} of 200 trials by width`));
  assert.match(page.url(), /brush=/);
  await page.locator('#parallel [data-axis="model.width"]').press('Escape');
  assert.equal(await countOf(page), 200);
  quiet(page);
});

test('a brush redraws every other plot', async (browser) => {
  const page = await open(browser, file('study'));
  const pictures = async () => {
    const all = {};
    for (const plot of ['history', 'slices', 'curves', 'heat-map', 'pareto', 'distribution', 'timeline']) all[plot] = await picture(page, plot);
    return all;
  };
  const before = await pictures();
  assert.deepEqual(await pictures(), before);
  await brush(page, 'value', 0.3, 0.9);
  const after = await pictures();
  for (const plot of Object.keys(before)) assert.notEqual(after[plot], before[plot], plot);
  await page.locator('.selection button').click();
  assert.deepEqual(await pictures(), before);
  quiet(page);
});

test('keys brush an axis and move it', async (browser) => {
  const page = await open(browser, file('study'));
  await page.locator('#parallel').scrollIntoViewIfNeeded();
  const names = () => page.locator('#parallel [data-axis]').evaluateAll((all) => all.map((a) => a.dataset.axis ?? a.getAttribute('data-axis')));
  const axis = page.locator('#parallel [data-axis="train.lr"]');
  await axis.focus();
  for (let i = 0; i < 6; ++i) await page.keyboard.press('ArrowDown');
  assert.ok(await countOf(page) < 200);
  await page.keyboard.press('Delete');
  assert.equal(await countOf(page), 200);
  const before = await names();
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction((at) => [...document.querySelectorAll('#parallel [data-axis]')][at]?.getAttribute('data-axis') === 'train.lr', before.indexOf('train.lr') + 1);
  quiet(page);
});

test('sorting by a column, both ways', async (browser) => {
  const page = await open(browser, file('study'));
  const head = page.locator('#trials th[data-column="model.width"]');
  const widths = () => page.evaluate(() => {
    const at = [...document.querySelectorAll('#trials thead th')].findIndex((th) => th.dataset.column === 'model.width');
    return [...document.querySelectorAll('#trials tbody tr[data-row]')].map((tr) => Number(tr.children[at].textContent));
  });
  await head.locator('button').click();
  assert.equal(await head.getAttribute('aria-sort'), 'ascending');
  const up = await widths();
  assert.ok(up.length > 5);
  assert.deepEqual(up, [...up].sort((a, b) => a - b));
  await head.locator('button').click();
  const down = await widths();
  assert.deepEqual(down, [...down].sort((a, b) => b - a));
  assert.ok(down[0] > up[0]);
  quiet(page);
});

test('the filter speaks the expression language and says what is wrong', async (browser) => {
  const page = await open(browser, file('study'));
  const filter = async (text) => {
    await page.locator('#filter').fill(text);
    await page.locator('#filter').press('Enter');
    return countOf(page);
  };
  const all = await filter('');
  const deep = await filter('depth >= 3');
  const shallow = await filter('depth < 3');
  assert.equal(deep + shallow, all);
  assert.ok(deep > 0 && shallow > 0);
  const done = await filter('state = completed and last(val_loss) < 1 and value > 0.9');
  assert.ok(done > 0 && done < 200);
  assert.equal(await filter('dpth > 3'), 200);
  assert.match(await page.locator('#filter-problem').textContent(), /column 1: unknown name 'dpth'; did you mean 'depth'/);
  quiet(page);
});

test('a link restores the view', async (browser) => {
  const page = await open(browser, file('study'));
  await page.locator('#filter').fill('depth = 2');
  await page.locator('#filter').press('Enter');
  await brush(page, 'train.lr', 0.2, 0.8);
  await page.locator('#trials th[data-column="seconds"] button').click();
  await page.locator('#trials tbody tr[data-row] .pin button[aria-pressed]').first().click();
  await page.locator('.theme').click();
  const state = async (p) => ({
    count: await countOf(p), rows: await p.locator('#trials tbody tr[data-row]').evaluateAll((rows) => rows.slice(0, 8).map((r) => r.textContent)),
    theme: await p.evaluate(() => document.documentElement.dataset.theme), filter: await p.locator('#filter').inputValue(),
    compare: await p.locator('.compare h3').textContent(),
  });
  const before = await state(page);
  assert.equal(before.theme, 'dark');
  const again = await open(browser, file('study'), {hash: new URL(page.url()).hash});
  assert.deepEqual(await state(again), before);
  quiet(page);
  quiet(again);
});

test('pinned trials stand side by side with what differs', async (browser) => {
  const page = await open(browser, file('study'));
  const pins = page.locator('#trials tbody .pin button[aria-pressed]');
  await pins.nth(0).click();
  await pins.nth(3).click();
  assert.match(await page.locator('.compare h3').textContent(), /2 trials side by side/);
  const names = await page.locator('.compare tbody th').allTextContents();
  assert.ok(names.includes('val_acc') && !names.includes('optimizer'));
  await page.locator('.compare .toggle').click();
  assert.ok((await page.locator('.compare tbody th').allTextContents()).includes('optimizer'));
  quiet(page);
});

test('dark colours follow the system and the button', async (browser) => {
  const page = await open(browser, file('study'), {colorScheme: 'dark'});
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.equal(await ground(), 'rgb(16, 19, 23)');
  await page.locator('.theme').click();
  assert.equal(await ground(), 'rgb(244, 245, 247)');
});

test('every plot is saved as PNG, SVG and CSV', async (browser) => {
  const page = await open(browser, file('study'));
  await scrollThrough(page);
  const begins = {PNG: '\x89PNG', SVG: '<svg', CSV: ''};
  for (const plot of ['history', 'importance', 'parallel', 'slices', 'curves', 'heat-map', 'pareto', 'distribution', 'timeline']) {
    for (const [kind, begin] of Object.entries(begins)) {
      await page.locator(`#${plot} .files summary`).click();
      const [download] = await Promise.all([page.waitForEvent('download'), page.locator(`#${plot} .menu button`, {hasText: kind}).click()]);
      const content = readFileSync(await download.path(), 'latin1');
      assert.ok(content.startsWith(begin) && content.length > 100, `${plot} ${kind}`);
      assert.equal(download.suggestedFilename(), `mnist-mlp-${plot}.${kind.toLowerCase()}`);
    }
  }
  quiet(page);
});

test('the CSV of a plot, read again, is the table', async (browser) => {
  const page = await open(browser, file('study'));
  await scrollThrough(page);
  const saved = async (plot) => {
    await page.locator(`#${plot} .files summary`).click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator(`#${plot} .menu button`, {hasText: 'CSV'}).click()]);
    return readCsv(readFileSync(await download.path(), 'utf8'));
  };
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#trials').getByRole('button', {name: 'Save CSV'}).click()]);
  const table = new Map(readCsv(readFileSync(await download.path(), 'utf8')).map((row) => [row.number, row]));
  assert.equal(table.size, 200);
  const agree = (rows, columns) => {
    assert.ok(rows.length > 20);
    for (const row of rows) for (const name of columns) assert.equal(row[name], table.get(row.number)[name], `#${row.number} ${name}`);
  };
  agree(await saved('history'), ['value', 'state']);
  agree(await saved('parallel'), ['rank', 'value', 'model.width', 'train.lr', 'model.activation']);
  agree(await saved('slices'), ['value', 'model.depth', 'model.dropout']);
  agree(await saved('timeline'), ['state', 'device']);
  agree((await saved('pareto')).map((row) => ({...row, value: row.val_acc})), ['value']);
  const values = [...table.values()].filter((row) => row.rank !== '').map((row) => Number(row.value)).sort((a, b) => b - a);
  assert.deepEqual((await saved('distribution')).map((row) => Number(row.value)), values);
  await page.locator('#heat-map .segmented button', {hasText: 'Ranks'}).click();
  agree(await saved('heat-map'), ['rank', 'value', 'model.width', 'model.depth']);
  quiet(page);
});

test('a saved table is exact, and its texts are no formulas', async (browser) => {
  const page = await open(browser, file('hostile'));
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#trials', {hasText: ''}).getByRole('button', {name: 'Save CSV'}).click()]);
  const lines = readFileSync(await download.path(), 'utf8').split('\r\n');
  assert.ok(lines.length > 30);
  assert.ok(lines[0].includes(`'=cmd|'/C calc'!A0`));
  assert.ok(lines.some((line) => line.includes(`'=HYPERLINK(`)));
  assert.ok(!lines.some((line) => /(^|,)=/.test(line)));
});

test('hostile names are shown as text', async (browser) => {
  const page = await open(browser, file('hostile'));
  await scrollThrough(page);
  assert.match(await page.locator('h1').textContent(), /<\/title><\/script><script>alert/);
  assert.match(await page.locator('.note').textContent(), /<img src=x onerror=alert\(2\)>/);
  assert.equal(await page.locator('main img, main script, main b, main i, main u').count(), 0);
  assert.equal(await page.evaluate(() => document.querySelectorAll('script').length), 4);
  quiet(page);
});

test('another study is chosen from the list, and the link remembers it', async (browser) => {
  const page = await open(browser, file('several'));
  const first = await page.locator('.answer .which').textContent();
  await page.locator('.studies button', {hasText: 'mnist-asha'}).click();
  assert.equal(await countOf(page), 120);
  assert.notEqual(await page.locator('.answer .which').textContent(), first);
  assert.match(page.url(), /study=mnist-asha/);
  quiet(page);
});

test('empty studies say what would fill them', async (browser) => {
  const page = await open(browser, file('empty'));
  assert.match(await page.locator('#answer').textContent(), /No trial has a value yet/);
  assert.match(await page.locator('#trials').textContent(), /appear here as soon as/);
});

test('sizes: 200 trials x 50 steps <= 500 KB, 1,000 x 50 <= 1 MB', async () => {
  for (const [name, limit] of [['study', 500e3], ['large', 1e6]]) {
    const {size} = statSync(file(name));
    console.log(`        ${name}.html: ${size} bytes`);
    assert.ok(size <= limit, `${size}`);
  }
});

await finish();
