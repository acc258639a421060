// Bundles src/ into dist/: page.html and index.html, the templates with the marks {{title}} and {{data}}.
// Each carries the script deflated; a small loader, named by its hash in the content security policy, starts it from a blob.
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

const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const kib = (n) => `${(n / 1024).toFixed(0)} KiB`;
const loader = await bundle('src/loader.ts', {format: 'iife'});
const template = readFileSync('src/page.html', 'utf8');
mkdirSync('dist', {recursive: true});

/** NAME.js, NAME.css, NAME.html: the report, and the index of claims, which needs no chart library. */
async function write(name, program, sheet) {
  const script = await bundle(program, {format: 'iife'});
  const style = await bundle(sheet);
  const policy = [
    `default-src 'none'`, `script-src ${hash(loader)} blob:`, `style-src ${hash(style)}`, 'img-src data: blob:',
    `form-action 'none'`, `base-uri 'none'`,
  ].join('; ');
  const packed = deflateSync(script, {level: 9}).toString('base64');
  const values = {policy, style, loader, script: packed};
  const page = template.replace(/\{\{(policy|style|loader|script)\}\}/g, (_, key) => values[key]);
  writeFileSync(`dist/${name}.js`, script);
  writeFileSync(`dist/${name}.css`, style);
  writeFileSync(`dist/${name}.html`, page);
  console.log(`${name}.js ${kib(script.length)}, deflated ${kib(packed.length * 3 / 4)}; ${name}.html ${kib(page.length)}`);
}

await write('page', 'src/main.ts', 'src/style/page.css');
await write('index', 'src/index.ts', 'src/style/index.css');
