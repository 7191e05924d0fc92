/**
 * The build: TypeScript to dist, then each tool and the library's modules it uses bundled into one
 * file, dist/cli/pool-merge.cjs and its like (loading a hundred modules takes longer than merging two small files), with V8's
 * code cache beside it. CommonJS, because only scripts have such a cache. What programs import is bundled too, for the same reason.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** The command-line tools. */
export const TOOLS = ['pool-merge', 'pool-ls', 'pool-diff', 'pool-run'];

/** Scripts and style of the pages of pool-diff, which are not compiled, but embedded. */
const BROWSER_FILES = join('src', 'diff', 'page', 'browser');

/** ISC licence of D3, of which JSROOT has parts. */
const D3_LICENCE = `Copyright 2010-2021 Mike Bostock

Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby
granted, provided that the above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL
IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT,
INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN
AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR
PERFORMANCE OF THIS SOFTWARE.`;

/** Its date is the moment the last build began: what changed during a build is built again. */
export const builtMark = join(root, 'node_modules', '.pool-merge-built');

/** Builds beside dist and swaps: no file of an older build stays, and no reader meets half a build. */
export async function build() {
  const start = new Date();
  const [fresh, old] = [join(root, `.dist-${process.pid}`), join(root, `.dist-${process.pid}-old`)];
  try {
    compile(fresh);
    await bundleTools(fresh);
    cacheCode(join(fresh, 'cli'));
    await bundleLibrary(join(fresh, 'src'));
    copyDrawingLibrary(join(fresh, 'vendor'));
    if (existsSync(join(root, 'dist'))) renameSync(join(root, 'dist'), old);
    renameSync(fresh, join(root, 'dist'));
  } finally {
    for (const path of [fresh, old]) rmSync(path, { recursive: true, force: true });
  }
  writeFileSync(builtMark, '');
  utimesSync(builtMark, start, start);
}

function compile(outDir) {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status, error } = spawnSync(process.execPath, [compiler, '-p', '.', '--outDir', outDir], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`tsc ended with exit code ${status}`);
  const isEmbedded = (path) => !/\.(ts|json)$/.test(path);
  cpSync(join(root, BROWSER_FILES), join(outDir, BROWSER_FILES), { recursive: true, filter: isEmbedded });
}

/** Replaces the compiled cli/ by one file per tool with commander in it; what only some runs need stays outside. */
async function bundleTools(outDir) {
  const tools = new Map();
  for (const tool of TOOLS) tools.set(tool, await bundleTool(join(outDir, 'cli', `${tool}.js`)));
  rmSync(join(outDir, 'cli'), { recursive: true });
  mkdirSync(join(outDir, 'cli'));
  for (const [tool, code] of tools) writeFileSync(join(outDir, 'cli', `${tool}.cjs`), code);
}

async function startBundle(input) {
  const { rolldown } = await import('rolldown');
  const external = [/^node:/, 'apache-arrow', 'h5wasm/node', 'picomatch', 'saxes'];
  return rolldown({ input, platform: 'node', external, plugins: [textFiles], logLevel: 'warn' });
}

/** Modules `FILE?raw` are the text of FILE, as Vite has it (src/diff/page/text-file.d.ts). */
const textFiles = {
  name: 'text-files',
  resolveId: (id, importer) => (id.endsWith('?raw') ? resolve(dirname(importer), id) : undefined),
  load: (id) =>
    id.endsWith('?raw')
      ? { code: `export default ${JSON.stringify(readFileSync(id.slice(0, -4), 'utf8'))};`, moduleType: 'js' }
      : undefined,
};

/** Replaces the modules that programs and processes begin with by bundles; they share files, so that a class is one and the same in all. */
async function bundleLibrary(folder) {
  const entries = ['index', 'io/index', 'diff/compare-worker', 'runner/module-worker', 'runner/thread-host'];
  const bundle = await startBundle(Object.fromEntries(entries.map((name) => [name, join(folder, `${name}.js`)])));
  await bundle.write({ dir: folder, format: 'es', entryFileNames: '[name].js', chunkFileNames: 'shared/[name].js' });
  await bundle.close();
}

async function bundleTool(input) {
  const bundle = await startBundle(input);
  const licence = readFileSync(join(root, 'node_modules', 'commander', 'LICENSE'), 'utf8')
    .trim()
    .replaceAll('\n', '\n * ');
  const banner = `/*!\n * This file contains commander:\n *\n * ${licence}\n */`;
  const { output } = await bundle.generate({ format: 'cjs', codeSplitting: false, banner, minify: true });
  await bundle.close();
  return asciiOf(output[0].code.replaceAll(/\bimport\(/g, 'importModule(')); // see compileTool
}

/** Code without characters beyond ASCII: one byte each is faster to read, and half as large in memory. */
function asciiOf(code) {
  return code.replaceAll(/[\u0080-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** What the tools are used for most: the functions of these runs come compiled. */
function usualRuns(outDir) {
  const fixtures = (name) => [0, 1].map((worker) => join(root, 'test', 'fixtures', `${name}_${worker}.root`));
  const [workers, pool, merged] = [fixtures('worker'), fixtures(join('pool', 'p6')), join(outDir, 'merged.root')];
  return {
    'pool-merge': [
      ['-q', ...workers, '-o', merged],
      ['-q', ...pool, '-o', join(outDir, 'pool.root')],
    ],
    'pool-ls': [
      ['-l', workers[0]],
      ['--refs', pool[0]],
    ],
    'pool-diff': [['--merged', merged, ...workers]],
    'pool-run': [['--version']],
  };
}

function cacheCode(folder) {
  const scratch = mkdtempSync(join(tmpdir(), 'pool-merge-build-'));
  try {
    for (const [tool, lines] of Object.entries(usualRuns(scratch))) {
      const { status, stderr, error } = spawnSync(
        process.execPath,
        [join(root, 'scripts', 'code-cache.mjs'), folder, tool, JSON.stringify(lines)],
        { encoding: 'utf8' },
      );
      if (error) throw error;
      if (status !== 0) throw new Error(`${tool} ended with exit code ${status}: ${stderr}`);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** JSROOT's painters for pages of pool-diff --interactive, with the licences of what is in them: pages carry them along. */
function copyDrawingLibrary(folder) {
  const jsroot = join(root, 'node_modules', 'jsroot');
  const licence = readFileSync(join(jsroot, 'LICENSE'), 'utf8').trim().replace('\ufffd', '©'); // the sign is damaged there
  const code = readFileSync(join(jsroot, 'build', 'hist2d.min.js'), 'utf8');
  mkdirSync(folder);
  writeFileSync(
    join(folder, 'jsroot-hist2d.min.js'),
    `/*!\n * JSROOT\n *\n * ${licence.replaceAll('\n', '\n * ')}\n *\n * With D3, ${D3_LICENCE.replaceAll('\n', '\n * ')}\n */\n${code}`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
