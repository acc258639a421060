// The promises of every page, of pages that are there: node any.mjs FILE.html... (such as all of build/lectures)
import {finish, test} from './harness.mjs';
import {keepsPromises} from './promises.mjs';

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error('usage: node any.mjs FILE.html...');
  process.exit(2);
}
for (const file of files) {
  test(`${file}, light, 1440 and 360 px`, (browser) => keepsPromises(browser, file, {colorScheme: 'light', widths: [1440, 360]}));
  test(`${file}, dark, 360 and 768 px`, (browser) => keepsPromises(browser, file, {colorScheme: 'dark', widths: [360, 768]}));
}
await finish();
