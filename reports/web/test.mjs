// Unit tests: bundles test/*.test.ts and runs them with node's own runner. `node test.mjs [root of the project]`
import {spawnSync} from 'node:child_process';
import {readdirSync} from 'node:fs';
import {resolve} from 'node:path';
import {build} from 'esbuild';

const tests = readdirSync('test').filter((name) => name.endsWith('.test.ts'));
await build({entryPoints: tests.map((name) => `test/${name}`), bundle: true, platform: 'node', format: 'esm',
             target: 'node18', outdir: 'test-out', outExtension: {'.js': '.mjs'}, define: {__DEV__: 'false'}});
const files = tests.map((name) => `test-out/${name.replace('.ts', '.mjs')}`);
const env = {...process.env, VERNIER_ROOT: resolve(process.argv[2] ?? '../..')};
process.exit(spawnSync(process.execPath, ['--test', ...files], {stdio: 'inherit', env}).status ?? 1);
