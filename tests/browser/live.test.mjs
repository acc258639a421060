// The live page: `node live.test.mjs VERNIER FOLDER` serves the fixture database of FOLDER, and one that a search writes.
import assert from 'node:assert/strict';
import {spawn, spawnSync} from 'node:child_process';
import {copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {finish, test} from './harness.mjs';

const [, , vernier, folder] = process.argv;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const work = mkdtempSync(join(tmpdir(), 'vernier-live-'));
const started = [];
let db = '';

/** The database of the tests to come is one of their own; with the fixture's studies if asked for. */
function anew({fixture = false} = {}) {
  db = join(mkdtempSync(join(work, 'db-')), 'live.db');
  for (const part of fixture ? ['', '-wal', '-shm'] : []) if (existsSync(join(folder, `fixture.db${part}`))) copyFileSync(join(folder, `fixture.db${part}`), `${db}${part}`);
}

/** `vernier serve` and the link it prints. */
async function serve(...args) {
  const server = spawn(vernier, ['serve', '--db', db, ...args], {stdio: ['ignore', 'pipe', 'inherit']});
  started.push(server);
  const link = await new Promise((found, lost) => {
    server.stdout.once('data', (text) => found(String(text).trim()));
    server.once('exit', (code) => lost(new Error(`serve ended with ${code}`)));
  });
  return {server, link};
}

async function open(browser, link, options = {}) {
  const context = await browser.newContext({viewport: {width: 1280, height: 900}, ...options});
  const page = await context.newPage();
  page.problems = [];
  page.on('console', (message) => page.problems.push(`console ${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => page.problems.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(new URL(link).origin) && !request.url().startsWith('blob:')) page.problems.push(`request: ${request.url()}`);
  });
  await page.goto(link);
  await page.waitForFunction(() => document.documentElement.dataset.ready === 'true');
  return page;
}

const STUDY = `version: 1
study: live-search
data: {set: xor, n: 200}
model: {type: mlp}
train: {epochs: 4}
sampler: random
seed: 1
trials: TRIALS
parameters:
  model.width: {min: 4, max: 64, log: true}
  train.lr: {min: 1.0e-3, max: 1.0e-1, log: true}
`;
function run(trials) {
  writeFileSync(join(work, 'study.yaml'), STUDY.replace('TRIALS', String(trials)));
  const done = spawnSync(vernier, ['run', join(work, 'study.yaml'), '--db', db], {encoding: 'utf8', timeout: 60000});
  assert.equal(done.status, 0, done.stderr);
}

test('the page is served with its policy, follows a search, and keeps what the reader was doing', async (browser) => {
  anew();
  run(4);
  const {server, link} = await serve('live-search');
  assert.match(link, /^http:\/\/127\.0\.0\.1:\d+\/$/);
  const page = await open(browser, link);
  assert.equal(await page.locator('.live').textContent(), 'Live');
  assert.match(await page.locator('#trials .count').textContent(), /^4 of 4 trials/);
  assert.equal(await page.locator('.editor').count(), 0);
  await page.locator('#filter').fill('width >= 4');
  await page.locator('#filter').press('Enter');
  await page.evaluate(() => { document.querySelector('#slices').scrollIntoView(); });
  await page.locator('#filter').focus({});
  const y = await page.evaluate(() => scrollY);
  run(9);
  await page.waitForFunction(() => /of 9 trials/.test(document.querySelector('#trials .count').textContent));
  assert.equal(await page.locator('#filter').inputValue(), 'width >= 4');
  assert.ok(await page.evaluate(() => document.activeElement.id === 'filter'), 'the filter keeps the focus');
  assert.ok(Math.abs(await page.evaluate(() => scrollY) - y) < 2, 'the page stays where it was');
  await page.locator('.live').click();
  assert.equal(await page.locator('.live').textContent(), 'Paused');
  assert.deepEqual(page.problems, []);
  server.kill('SIGINT');
});

test('with --edit the link carries a token: notes and tags are written; without the token nothing can be', async (browser) => {
  anew();
  run(4);
  const {server, link} = await serve('--edit');
  assert.match(link, /#token=[0-9a-f]{32}$/);
  const page = await open(browser, link);
  assert.doesNotMatch(page.url(), /token/);
  await page.locator('#edit-note').fill('<b>looks</b> odd');
  await page.getByRole('button', {name: 'Save note'}).click();
  await page.waitForFunction(() => [...document.querySelectorAll('#trials td')].some((td) => td.textContent === '<b>looks</b> odd'));
  await page.locator('#edit-tags').fill('+final draft');
  await page.getByRole('button', {name: 'Change tags'}).click();
  await page.waitForFunction(() => /draft final/.test(document.querySelector('#trials tbody').textContent));
  await page.locator('#edit-tags').fill('-draft');
  await page.getByRole('button', {name: 'Change tags'}).click();
  await page.waitForFunction(() => !/draft final/.test(document.querySelector('#trials tbody').textContent));
  await page.evaluate(axe);
  assert.deepEqual(await page.evaluate(async () => (await window.axe.run(document, {resultTypes: ['violations']})).violations.map((v) => `${v.id}: ${v.nodes[0].html}`)), []);
  assert.deepEqual(page.problems, []);
  const stranger = await open(browser, link.split('#')[0]);
  assert.equal(await stranger.locator('.editor').count(), 0);
  const status = await stranger.evaluate(async () => (await fetch('api/edit', {method: 'POST', headers: {'Content-Type': 'application/json'},
                                                                            body: '{"do":"stop","study":"live-search","number":1}'})).status);
  assert.equal(status, 403);
  server.kill('SIGINT');
});

test('a trial\u2019s artifacts are fetched when its page is shown; hostile studies are text here too', async (browser) => {
  anew({fixture: true});
  const {server, link} = await serve('mnist-mlp', '<b>all</b>"\'&');
  const page = await open(browser, link);
  await page.goto(`${link}#study=mnist-mlp&trial=17`);
  await page.reload();
  await page.waitForFunction(() => document.querySelectorAll('.confusion tbody tr').length === 10);
  await page.goto(`${link}#study=${encodeURIComponent('<b>all</b>"\'&')}&trial=3`);
  await page.reload();
  await page.waitForFunction(() => document.querySelector('.log') !== null);
  assert.equal(await page.locator('main b, main img, main iframe, main script').count(), 0);
  assert.deepEqual(page.problems, []);
  server.kill('SIGINT');
});

test('the pictures of a claim are fetched from the trials that left them', async (browser) => {
  anew({fixture: true});
  const {server, link} = await serve('xor');
  const page = await open(browser, link);
  await page.locator('[data-claim="1 xor"]').scrollIntoViewIfNeeded();
  await page.waitForFunction(() => document.querySelectorAll('[data-claim="1 xor"] canvas.map').length === 2);
  assert.match(await page.locator('#claims').textContent(), /Supported.*few seeds \(3\)/);
  assert.deepEqual(page.problems, []);
  server.kill('SIGINT');
});

await finish(() => {
  for (const server of started) server.kill('SIGKILL');
  rmSync(work, {recursive: true, force: true});
});
