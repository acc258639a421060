// Bundles src/ into dist/: page.js, page.css and page.html, the template with the marks {{title}} and {{data}}.
// page.html carries the script deflated; a small loader, named by its hash in the content security policy, starts it from a blob.
import {createHash} from 'node:crypto';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {deflateSync} from 'node:zlib';
import {build} from 'esbuild';

/** zrender keeps the widths of texts in a plain object: the text "__proto__" would write into Object.prototype. */
const guarded = {
  name: 'guarded',
  setup(building) {
    building.onLoad({filter: /zrender[\\/]lib[\\/]core[\\/]LRU\.js$/}, ({path}) => {
      const before = readFileSync(path, 'utf8');
      const contents = before.replaceAll('this._map = {}', 'this._map = Object.create(null)');
      if (contents === before) throw new Error(`${path} is not as expected: look whether its keys are safe`);
      return {contents, loader: 'js'};
    });
  },
};

const common = {plugins: [guarded], bundle: true, minify: true, target: 'es2022', legalComments: 'none', charset: 'ascii', write: false,
                define: {__DEV__: 'false'}};
const bundle = async (entry, options = {}) =>
  (await build({...common, entryPoints: [entry], ...options})).outputFiles[0].text.trim();

const script = await bundle('src/main.ts', {format: 'iife'});
const loader = await bundle('src/loader.ts', {format: 'iife'});
const style = await bundle('src/style/page.css');

const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const policy = [
  `default-src 'none'`, `script-src ${hash(loader)} blob:`, `style-src ${hash(style)}`, 'img-src data: blob:',
  `form-action 'none'`, `base-uri 'none'`,
].join('; ');
const packed = deflateSync(script, {level: 9}).toString('base64');
const values = {policy, style, loader, script: packed};
const page = readFileSync('src/page.html', 'utf8').replace(/\{\{(policy|style|loader|script)\}\}/g, (_, key) => values[key]);

mkdirSync('dist', {recursive: true});
writeFileSync('dist/page.js', script);
writeFileSync('dist/page.css', style);
writeFileSync('dist/page.html', page);
const kib = (n) => `${(n / 1024).toFixed(0)} KiB`;
console.log(`page.js ${kib(script.length)}, deflated ${kib(packed.length * 3 / 4)}; page.html ${kib(page.length)}`);
