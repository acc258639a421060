// Saves plots of a report as the page itself does: node pictures.mjs REPORT.html DIR PLOT... A plot is what its menu says: "Save PLOT as a file".
import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {launch, open, scrollThrough} from './chromium.mjs';

const [report, directory, ...plots] = process.argv.slice(2);
if (plots.length === 0) {
  console.error('usage: node pictures.mjs REPORT.html DIR PLOT...');
  process.exit(2);
}
mkdirSync(directory, {recursive: true});
const browser = await launch();
const page = await open(browser, report);
await scrollThrough(page);
for (const plot of plots) {
  const menu = page.locator('details.files', {has: page.getByLabel(`Save ${plot} as a file`, {exact: true})});
  if (await menu.count() !== 1) {
    const there = await page.locator('details.files summary').evaluateAll((all) => all.map((s) => s.getAttribute('aria-label').replace(/^Save (.*) as a file$/, '$1')));
    console.error(`'${plot}' is no plot of ${report}; expected one of: ${there.join(', ')}`);
    process.exit(2);
  }
  await menu.locator('summary').click();
  const [saved] = await Promise.all([page.waitForEvent('download'), menu.getByRole('button', {name: 'SVG'}).click()]);
  await saved.saveAs(join(directory, saved.suggestedFilename()));
  console.log(join(directory, saved.suggestedFilename()));
}
await browser.close();
